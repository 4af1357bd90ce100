import type { Labels } from './sample-store.ts';
import type { RequestCount } from './traffic.ts';

export type DurationPart = 'bucket' | 'sum' | 'count';

/** Envoy's own, which Istio does not change; milliseconds. */
const DurationBucketsMs = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
  3_600_000,
] as const;

/** One part of the classic histogram of request durations, as Prometheus 3 stores it. */
export function durationSeries(
  part: DurationPart,
  labels: Labels,
  { count, durations }: RequestCount,
): { labels: Labels; value: number }[] {
  switch (part) {
    case 'count':
      return [{ labels, value: count }];
    case 'sum':
      return [{ labels, value: durations.reduce((sum, { meanMs, requests }) => sum + meanMs * requests, 0) }];
    case 'bucket':
      return [
        ...DurationBucketsMs.map((bound) => ({
          labels: { ...labels, le: boundLabel(bound) },
          value: Math.floor(requestsWithin(bound, durations)),
        })),
        { labels: { ...labels, le: '+Inf' }, value: count },
      ];
  }
}

const requestsWithin = (boundMs: number, durations: RequestCount['durations']) =>
  durations.reduce((sum, { meanMs, requests }) => sum + requests * (1 - Math.exp(-boundMs / meanMs)), 0);

// Prometheus 3 writes whole bounds as `10.0` when it scrapes, however the target wrote them.
const boundLabel = (bound: number) => (Number.isInteger(bound) ? bound.toFixed(1) : String(bound));
