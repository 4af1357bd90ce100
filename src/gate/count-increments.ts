import type { Series } from '../ports/prometheus.ts';

/** Raw counters at two moments. */
interface Readings {
  before: readonly Series[];
  after: readonly Series[];
}

/** How much counters of the new istiod, which is as young as the upgrade, have grown. One that fell was reset by a restart. */
export function countIncrements({ before, after }: Readings): number {
  const earlier = new Map(before.map(({ labels, value }) => [keyOf(labels), value]));
  return after.reduce((sum, { labels, value }) => {
    const was = earlier.get(keyOf(labels)) ?? 0;
    return sum + (value < was ? value : value - was);
  }, 0);
}

/** The identity of a label set, whatever its order. */
const keyOf = (labels: Series['labels']): string =>
  Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value},`)
    .join('');
