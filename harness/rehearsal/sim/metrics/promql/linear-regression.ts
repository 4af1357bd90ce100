import type { Point } from '../sample-store.ts';
import { preciseSum } from './arithmetic.ts';

/** Least squares; the slope is by the second. */
export function linearRegression(points: readonly Point[], interceptMs: number): { slope: number; intercept: number } {
  const constant = points[0]?.value ?? Number.NaN;
  if (points.every(({ value }) => value === constant)) {
    return Number.isFinite(constant) ? { slope: 0, intercept: constant } : { slope: Number.NaN, intercept: Number.NaN };
  }
  const count = points.length;
  const xs = points.map(({ at }) => (at - interceptMs) / 1000);
  const sumX = preciseSum(xs);
  const sumY = preciseSum(points.map(({ value }) => value));
  const sumXY = preciseSum(points.map(({ value }, index) => (xs[index] ?? 0) * value));
  const sumX2 = preciseSum(xs.map((x) => x * x));
  const slope = (sumXY - (sumX * sumY) / count) / (sumX2 - (sumX * sumX) / count);
  return { slope, intercept: sumY / count - (slope * sumX) / count };
}
