import type { Labels } from '../families.ts';
import { drop, keep, labelKey, QueryError, type Sample, type Value, vector } from './value.ts';

const Reducers: Readonly<Record<string, (values: readonly number[]) => number>> = {
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  avg: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  count: (values) => values.length,
  group: () => 1,
  max: (values) => values.reduce((most, value) => (value > most || Number.isNaN(most) ? value : most), Number.NaN),
  min: (values) => values.reduce((least, value) => (value < least || Number.isNaN(least) ? value : least), Number.NaN),
};

export function aggregate(
  operator: string,
  samples: readonly Sample[],
  { labels, isWithout, at }: { labels: readonly string[]; isWithout: boolean; at: number },
): Value {
  const reduce = Reducers[operator];
  if (!reduce) throw new QueryError(`not simulated: aggregation ${operator}`);
  const groups = new Map<string, { labels: Labels; values: number[] }>();
  for (const sample of samples) {
    const shared = isWithout ? drop(sample.labels, labels) : keep(sample.labels, labels);
    const key = labelKey(shared);
    const group = groups.get(key) ?? { labels: shared, values: [] };
    group.values.push(sample.value);
    groups.set(key, group);
  }
  return vector([...groups.values()].map((group) => ({ labels: group.labels, value: reduce(group.values), at })));
}
