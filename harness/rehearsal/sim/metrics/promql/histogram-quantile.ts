import type { Labels } from '../sample-store.ts';
import { warnOfQuantile } from './aggregate.ts';
import { type Functions, numberIn, samplesIn } from './call-site.ts';
import { parseNumber } from './literals.ts';
import type { Notes } from './notes.ts';
import { labelKey, type Sample, vector, without, withoutName } from './value.ts';

interface Bucket {
  upperBound: number;
  count: number;
}

export const HistogramFunctions: Functions = {
  histogram_quantile: ([share, value], { node, notes }) => {
    const q = numberIn(share);
    const place = node.args[1] ?? node;
    warnOfQuantile(q, notes, node.args[0] ?? node);
    return vector(
      histogramsOf(samplesIn(value), notes, place).map(({ labels, buckets }) => {
        const { quantile, isForced } = bucketQuantile(q, buckets);
        if (isForced) notes.inform(forcedMonotonicity, place);
        return { labels, value: quantile };
      }),
    );
  },
};

/** Prometheus adds by how much. */
const forcedMonotonicity =
  'input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)';

function histogramsOf(samples: readonly Sample[], notes: Notes, place: { from: number }) {
  const histograms = new Map<string, { labels: Labels; buckets: Bucket[] }>();
  for (const { labels, value } of samples) {
    const le = labels['le'] ?? '';
    const upperBound = boundOf(le);
    if (upperBound === undefined) {
      notes.warn(`bucket label "le" is missing or has a malformed value of ${JSON.stringify(le)}`, place);
      continue;
    }
    // Histograms of two names stay two; their results then have the same labels, which is an error.
    const key = labelKey(without(labels, ['le']));
    const histogram = histograms.get(key) ?? { labels: without(withoutName(labels), ['le']), buckets: [] };
    histogram.buckets.push({ upperBound, count: value });
    histograms.set(key, histogram);
  }
  return [...histograms.values()];
}

function boundOf(le: string): number | undefined {
  if (!/^[+-]?(inf|infinity|[\d.]+(e[+-]?\d+)?)$/i.test(le)) return undefined;
  return parseNumber(le.replace(/infinity/i, 'inf'));
}

/** Less than this share of a difference is the arithmetic's, not the histogram's. */
const Tolerance = 1e-12;

function bucketQuantile(q: number, unordered: readonly Bucket[]): { quantile: number; isForced: boolean } {
  const is = (quantile: number, isForced = false) => ({ quantile, isForced });
  if (Number.isNaN(q)) return is(Number.NaN);
  if (q < 0) return is(Number.NEGATIVE_INFINITY);
  if (q > 1) return is(Number.POSITIVE_INFINITY);
  const ordered = unordered.toSorted((a, b) => (a.upperBound === b.upperBound ? 0 : a.upperBound - b.upperBound));
  if (ordered.at(-1)?.upperBound !== Number.POSITIVE_INFINITY) return is(Number.NaN);
  const { buckets, isForced } = monotonic(coalesced(ordered));
  const observations = buckets.at(-1)?.count ?? 0;
  if (buckets.length < 2 || observations === 0) return is(Number.NaN, isForced);
  const rank = q * observations;
  const finite = buckets.slice(0, -1);
  const found = finite.findIndex(({ count }) => count >= rank);
  if (found === -1) return is(finite.at(-1)?.upperBound ?? Number.NaN, isForced);
  const bucket = finite[found] ?? { upperBound: Number.NaN, count: Number.NaN };
  if (found === 0 && bucket.upperBound <= 0) return is(bucket.upperBound, isForced);
  const before = finite[found - 1] ?? { upperBound: 0, count: 0 };
  const share = (rank - before.count) / (bucket.count - before.count);
  return is(before.upperBound + (bucket.upperBound - before.upperBound) * share, isForced);
}

function coalesced(ordered: readonly Bucket[]): Bucket[] {
  const buckets: Bucket[] = [];
  for (const bucket of ordered) {
    const last = buckets.at(-1);
    if (last?.upperBound === bucket.upperBound) last.count += bucket.count;
    else buckets.push({ ...bucket });
  }
  return buckets;
}

function monotonic(buckets: readonly Bucket[]): { buckets: Bucket[]; isForced: boolean } {
  let isForced = false;
  let least = buckets[0]?.count ?? 0;
  const fixed = buckets.map(({ upperBound, count }) => {
    if (count === least) return { upperBound, count };
    if (areAlmostEqual(least, count)) return { upperBound, count: least };
    if (count < least) {
      isForced = true;
      return { upperBound, count: least };
    }
    least = count;
    return { upperBound, count };
  });
  return { buckets: fixed, isForced };
}

function areAlmostEqual(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true;
  const difference = Math.abs(a - b);
  const size = Math.abs(a) + Math.abs(b);
  if (a === 0 || b === 0 || size < Number.MIN_VALUE * 2 ** 52) return difference < Tolerance * 2.2250738585072014e-308;
  return difference / Math.min(size, Number.MAX_VALUE) < Tolerance;
}
