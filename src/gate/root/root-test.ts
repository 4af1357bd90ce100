import type { Count } from '../../model/evidence.ts';

/** How often one wave may be failed by chance. */
const falseAlarm = 0.001;
/** One-sided quantile of 80 %, for what is still plausible when a wave passes. */
const passQuantile = 0.82;

/**
 * How far the failures must lie above the limit, in units of √failures: the square root makes their spread the same at every rate.
 * @param chances how many looks at different numbers could each give a false alarm
 */
export const distanceNeeded = (chances: number, dispersion: number): number =>
  Math.sqrt(2 * dispersion * Math.log(chances / falseAlarm));

/** Whether more failed than the limit allows, by more than chance explains. */
export function exceeds(count: Count, limit: number, chances: number, dispersion: number): boolean {
  return distanceAbove(count, limit) >= distanceNeeded(chances, dispersion);
}

/** Three standard deviations: not enough for a fail, since so many numbers are looked at so often, and too much for a pass. */
export const likelyExceeds = (count: Count, limit: number, dispersion: number): boolean =>
  distanceAbove(count, limit) >= 3 * Math.sqrt(dispersion);

const distanceAbove = ({ requests, errors }: Count, limit: number): number =>
  2 * (Math.sqrt(errors) - Math.sqrt(limit * requests));

/** An incident in the history makes the dispersion huge. A release that fails all the time does not hide in such bursts. */
const passDispersionMax = 25;

/** The error ratio that is still plausible with these failures; infinite without requests. */
export function plausibleRatio({ requests, errors }: Count, dispersion: number): number {
  if (requests === 0) return Number.POSITIVE_INFINITY;
  const spread = Math.min(dispersion, passDispersionMax);
  return (Math.sqrt(errors + spread) + passQuantile * Math.sqrt(spread)) ** 2 / requests;
}

/** How many requests it takes until a release that fails this ratio exceeds the limit; infinite if it does not. */
export function requestsToSee(ratio: number, limit: number, chances: number, dispersion: number): number {
  if (ratio <= limit) return Number.POSITIVE_INFINITY;
  return distanceNeeded(chances, dispersion) ** 2 / (4 * (Math.sqrt(ratio) - Math.sqrt(limit)) ** 2);
}

/** The least ratio of failures that exceeds the limit after so many requests: the same the other way round. Above 1 if no ratio does. */
export function ratioSeen(requests: number, limit: number, chances: number, dispersion: number): number {
  return (Math.sqrt(limit) + distanceNeeded(chances, dispersion) / (2 * Math.sqrt(requests))) ** 2;
}

/** How many requests it takes until what fails as usual is plausibly within what is allowed; infinite if it never is. */
export function requestsToPass(usual: number, allowed: number, dispersion: number): number {
  if (allowed <= usual) return Number.POSITIVE_INFINITY;
  // plausibleRatio(n) = allowed, solved for the square root of n.
  const spread = Math.min(dispersion, passDispersionMax);
  const quantile = passQuantile * Math.sqrt(spread);
  const room = allowed - usual;
  const root = Math.sqrt(quantile ** 2 * allowed + room * (spread - quantile ** 2));
  return ((quantile * Math.sqrt(allowed) + root) / room) ** 2;
}
