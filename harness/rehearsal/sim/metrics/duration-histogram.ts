import type { Series } from './exported-series.ts';
import { countUntil, type Requests } from './requests.ts';
import type { Labels } from './sample-store.ts';

export type DurationPart = 'bucket' | 'sum' | 'count';

/** Envoy's own, which Istio does not change; milliseconds. */
const DurationBucketsMs = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
  3_600_000,
] as const;

/**
 * One part of the classic histogram of the durations of some requests, as Prometheus 3 stores it.
 * @param share how much of the requests it is about
 */
export function durationSeries(part: DurationPart, labels: Labels, { parts }: Requests, share: number): Series[] {
  const sum = (at: number, weight?: (meanMs: number) => number) => share * countUntil(parts, at, weight);
  const count = (at: number) => Math.floor(sum(at));
  /** The histogram of a kind that never happened is not there. */
  const series = (own: Labels, value: (at: number) => number): Series => ({
    labels: own,
    valueAt: (at) => (count(at) > 0 ? value(at) : undefined),
  });
  switch (part) {
    case 'count':
      return [series(labels, count)];
    case 'sum':
      return [series(labels, (at) => sum(at, (meanMs) => meanMs))];
    case 'bucket':
      return [
        ...DurationBucketsMs.map((boundMs) =>
          series({ ...labels, le: boundLabel(boundMs) }, (at) => Math.floor(sum(at, shareWithin(boundMs)))),
        ),
        series({ ...labels, le: '+Inf' }, count),
      ];
  }
}

/** Of exponentially distributed durations with a mean. */
const shareWithin = (boundMs: number) => (meanMs: number) => 1 - Math.exp(-boundMs / meanMs);

// Prometheus 3 writes whole bounds as `10.0` when it scrapes, however the target wrote them.
const boundLabel = (bound: number) => (Number.isInteger(bound) ? bound.toFixed(1) : String(bound));
