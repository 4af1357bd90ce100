import { deviationOfU, ranked } from './mann-whitney.ts';
import { intervalsPerMinute, type Peer, ratios } from './peer.ts';

/** After 10, 20 and 30 minutes, each time of everything since the beginning. */
const looks = [10, 20, 30].map((minutes) => minutes * intervalsPerMinute);
/** Two-sided quantile of the confidence level 0.98. */
const quantile = 2.326347874;
/** Of the estimated shift; the whole confidence interval must lie beyond. */
const tolerance = 0.25;
/** The mean may be so many times that of the control. */
const meanRatioMax = 1;

/**
 * Kayenta with NetflixACAJudge: a two-sided Mann-Whitney test of the error ratios of all scrape intervals, confidence interval and shift by
 * the asymptotic method of R's `wilcox.test`, and the effect size. Looked at three times; a metric classified as High rolls back.
 */
export const kayenta: Peer = ({ server, control }) =>
  looks
    .filter((end) => end <= server.requests.length)
    .find((end) => isHigh(ratios(server, 0, end), ratios(control, 0, end)));

function isHigh(wave: readonly number[], control: readonly number[]): boolean {
  // No data: the metric is left out of the score.
  if (wave.length === 0 || control.length === 0) return false;
  if (new Set([...wave, ...control]).size === 1) return false;
  // A lower end of the interval at or below zero is below every tolerance. Most healthy runs end here.
  if (distance(wave, control, 0) <= quantile) return false;
  const lower = shiftAt(wave, control, quantile);
  if (lower <= tolerance * Math.abs(shiftAt(wave, control, 0))) return false;
  return mean(wave) > meanRatioMax * mean(control);
}

/** How far U lies from its mean, in its standard deviations, when the wave is shifted down by so much; with continuity correction. */
function distance(wave: readonly number[], control: readonly number[], shift: number): number {
  const { u, ties } = ranked(
    wave.map((value) => value - shift),
    control,
  );
  const difference = u - (wave.length * control.length) / 2;
  const deviation = deviationOfU(wave.length, control.length, ties);
  return deviation === 0 ? 0 : (difference - Math.sign(difference) / 2) / deviation;
}

/** The shift at which the distance is the given one: it falls as the shift grows. */
function shiftAt(wave: readonly number[], control: readonly number[], wanted: number): number {
  let low = Math.min(...wave) - Math.max(...control);
  let high = Math.max(...wave) - Math.min(...control);
  if (distance(wave, control, low) <= wanted) return low;
  if (distance(wave, control, high) >= wanted) return high;
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (distance(wave, control, middle) > wanted) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
