import type { Labels, Point, RawSeries } from '../../../rehearsal/sim/metrics/sample-store.ts';

/** The moment of the first samples: a day long past, or the server would refuse them as of the future. Unix milliseconds. */
export const T0 = Date.UTC(2025, 0, 15, 12, 0, 0);
const StepMs = 15_000;
const Minute = 60_000;

/** Series by hand, each with an edge that queries trip over; the comment beside it says which. */
export function madeSamples(): RawSeries[] {
  return [
    every({ __name__: 'm_requests_total', pod: 'a', code: '200', job: 'made' }, 0, 20, (n) => 100 + n * 150),
    // Begins while others have existed for long.
    every({ __name__: 'm_requests_total', pod: 'a', code: '500', job: 'made' }, 8, 20, (n) => 5 + n * 3),
    // Reset at ten minutes.
    every({ __name__: 'm_requests_total', pod: 'b', code: '200', job: 'made' }, 0, 20, (n) =>
      n < 40 ? n * 75.5 : (n - 40) * 75.5,
    ),
    every({ __name__: 'm_requests_total', pod: 'b', code: '503', job: 'made' }, 0, 20, (n) => Math.floor(n / 7)),
    // A gap that is longer than the lookback.
    gap({ __name__: 'm_requests_total', pod: 'c', code: '200', job: 'made' }, 6, 13),
    // Ends with a marker at nine minutes, comes back at fourteen.
    stale({ __name__: 'm_requests_total', pod: 'd', code: '200', job: 'made' }, 9, 14),
    // Begins away from zero, and does not grow.
    every({ __name__: 'm_requests_total', pod: 'e', code: '200', job: 'made' }, 0, 20, () => 42),
    every({ __name__: 'm_errors_total', pod: 'a', job: 'made' }, 0, 20, (n) => n * 2),
    every({ __name__: 'm_errors_total', pod: 'b', job: 'made' }, 0, 20, (n) => n),
    { labels: { __name__: 'm_single_total', pod: 'a', job: 'made' }, points: [at(10 * Minute, 7)] },
    // Twice a minute, off the beat.
    {
      labels: { __name__: 'm_sparse_total', pod: 'a', job: 'made' },
      points: range(0, 40).map((n) => at(n * 30_000 + 4_321, n * n)),
    },
    every({ __name__: 'm_gauge', pod: 'a', job: 'made' }, 0, 20, (n) => Math.sin(n / 3) * 50),
    every({ __name__: 'm_gauge', pod: 'b', job: 'made' }, 0, 20, (n) => (n % 11 === 0 ? Number.NaN : 3.25 - n)),
    every({ __name__: 'm_gauge', pod: 'c', job: 'made' }, 0, 20, (n) =>
      n % 13 === 0 ? Number.POSITIVE_INFINITY : n / 7,
    ),
    every({ __name__: 'm_gauge', pod: 'd', job: 'made' }, 0, 20, () => 0),
    every({ __name__: 'm_always_nan', pod: 'a', job: 'made' }, 0, 20, () => Number.NaN),
    // Sums of these lose digits, or overflow.
    every({ __name__: 'm_big', pod: 'a', job: 'made' }, 0, 20, () => 1e308),
    every({ __name__: 'm_big', pod: 'b', job: 'made' }, 0, 20, () => 1.5e308),
    every({ __name__: 'm_uneven', pod: 'a', job: 'made' }, 0, 20, (n) => (n % 2 === 0 ? 1e16 : 1)),
    every({ __name__: 'm_uneven', pod: 'b', job: 'made' }, 0, 20, (n) => (n % 2 === 0 ? 1 : -1e16)),
    every({ __name__: 'm_uneven', pod: 'c', job: 'made' }, 0, 20, () => 0.1),
    // Partners for joins: one a pod, two of a pod.
    every({ __name__: 'm_info', pod: 'a', version: '1.30.4', job: 'made' }, 0, 20, () => 1),
    every({ __name__: 'm_info', pod: 'b', version: '1.31.0', job: 'made' }, 0, 20, () => 1),
    every({ __name__: 'm_info', pod: 'd', job: 'made' }, 0, 20, () => 1),
    every({ __name__: 'm_zone', pod: 'a', zone: 'x', job: 'made' }, 0, 20, () => 1),
    every({ __name__: 'm_zone', pod: 'a', zone: 'y', job: 'made' }, 0, 20, () => 1),
    // Without their names they are the same.
    every({ __name__: 'm_twin_one_total', pod: 'a', job: 'made' }, 0, 20, (n) => n),
    every({ __name__: 'm_twin_two_total', pod: 'a', job: 'made' }, 0, 20, (n) => 2 * n),
    every({ __name__: 'm_text', path: '/a"b\\c', words: 'two\nlines', empty: '', job: 'made' }, 0, 20, () => 1),
    every({ __name__: 'm.dotted', 'some.label': 'x', job: 'made' }, 0, 20, () => 3),
    every({ __name__: 'm_moment', job: 'made' }, 0, 20, (n) => 1_709_208_000 + n * 86_400 * 5),
    ...histogram('a', [2, 5, 9, 9, 12]),
    // Counts that fall from one bound to the next.
    ...histogram('b', [4, 3, 8, 7, 10]),
    // Nothing was counted.
    ...histogram('c', [0, 0, 0, 0, 0]),
    // The largest bound is missing.
    ...histogram('d', [1, 2, 3, 4, 5]).slice(0, -1),
    every({ __name__: 'm_latency_bucket', pod: 'e', le: 'many', job: 'made' }, 0, 20, (n) => n),
    every({ __name__: 'm_latency_bucket', pod: 'e', le: '+Inf', job: 'made' }, 0, 20, (n) => n),
  ].map(withoutEmptyLabels);
}

const at = (ms: number, value: number): Point => ({ at: T0 + ms, value });
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

/** A sample every quarter of a minute, numbered from the first sample of the day. */
function every(labels: Labels, fromMinute: number, toMinute: number, value: (n: number) => number): RawSeries {
  const [first, last] = [fromMinute, toMinute].map((minute) => (minute * Minute) / StepMs);
  return { labels, points: range(first ?? 0, (last ?? 0) + 1).map((n) => at(n * StepMs, value(n))) };
}

function gap(labels: Labels, fromMinute: number, toMinute: number): RawSeries {
  const whole = every(labels, 0, 20, (n) => 7 + n * 11);
  const isInGap = ({ at: moment }: Point) => moment > T0 + fromMinute * Minute && moment < T0 + toMinute * Minute;
  return { labels, points: whole.points.filter((point) => !isInGap(point)) };
}

function stale(labels: Labels, endMinute: number, againMinute: number): RawSeries {
  const points = [
    ...every(labels, 0, endMinute, (n) => n * 20).points,
    { at: T0 + endMinute * Minute + StepMs, value: Number.NaN, isStale: true as const },
    ...every(labels, againMinute, 20, (n) => n * 4).points,
  ];
  return { labels, points };
}

const Bounds = ['0.1', '0.5', '1.0', '5.0', '+Inf'];

function histogram(pod: string, perStep: readonly number[]): RawSeries[] {
  return Bounds.map((le, index) =>
    every({ __name__: 'm_latency_bucket', pod, le, job: 'made' }, 0, 20, (n) => n * (perStep[index] ?? 0)),
  );
}

const withoutEmptyLabels = ({ labels, points }: RawSeries): RawSeries => ({
  labels: Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== '')),
  points,
});
