import type { Point } from '../sample-store.ts';

interface Window {
  fromMs: number;
  toMs: number;
}

/**
 * How much a series grew in a window, stretched to the window's ends, by Prometheus' own rules
 * (promql/functions.go, extrapolatedRate).
 * @returns undefined with fewer than two samples
 */
export function extrapolatedIncrease(
  points: readonly Point[],
  { fromMs, toMs }: Window,
  { isCounter }: { isCounter: boolean },
): number | undefined {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length < 2) return undefined;
  let increase = last.value - first.value;
  if (isCounter) increase += lostInResets(points);
  const sampled = (last.at - first.at) / 1000;
  const average = sampled / (points.length - 1);
  const threshold = average * 1.1;
  let toStart = (first.at - fromMs) / 1000;
  let toEnd = (toMs - last.at) / 1000;
  if (toStart >= threshold) toStart = average / 2;
  // A counter cannot have been below zero before its first sample.
  if (isCounter && increase > 0 && first.value >= 0) {
    toStart = Math.min(toStart, sampled * (first.value / increase));
  }
  if (toEnd >= threshold) toEnd = average / 2;
  return increase * (sampled === 0 ? 1 : (sampled + toStart + toEnd) / sampled);
}

function lostInResets(points: readonly Point[]): number {
  let lost = 0;
  let before = 0;
  for (const { value } of points) {
    if (value < before) lost += before;
    before = value;
  }
  return lost;
}
