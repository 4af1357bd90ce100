import type { Series } from '../ports/prometheus.ts';

type Labels = Readonly<Record<string, string>>;

/** Raw counters at two moments. */
export interface Readings {
  before: readonly Series[];
  after: readonly Series[];
}

export interface Counting {
  /** `namespace/pod` of a series. */
  podOf: (labels: Labels) => string;
  /** Pods known to have been created after the first reading. */
  created: { has(pod: string): boolean };
}

/**
 * Series by series. One that is only in the second reading began at zero, if its pod was created since or was scraped before. Of any other
 * pod it is unknown when it counted; such a series is left out. A counter that fell was reset by a restart.
 */
export function* incrementsOf(
  { before, after }: Readings,
  { podOf, created }: Counting,
): Generator<{ labels: Labels; increment: number }> {
  const earlier = valuesOf(before);
  const known = new Set(before.map(({ labels }) => podOf(labels)));
  for (const series of after) {
    const pod = podOf(series.labels);
    if (known.has(pod) || created.has(pod)) yield { labels: series.labels, increment: incrementOf(series, earlier) };
  }
}

/** How much counters of the new istiod, which is as young as the upgrade, have grown. */
export function countIncrements({ before, after }: Readings): number {
  const earlier = valuesOf(before);
  return after.reduce((sum, series) => sum + incrementOf(series, earlier), 0);
}

const valuesOf = (series: readonly Series[]) => new Map(series.map(({ labels, value }) => [keyOf(labels), value]));

function incrementOf({ labels, value }: Series, earlier: ReadonlyMap<string, number>): number {
  const was = earlier.get(keyOf(labels)) ?? 0;
  return value < was ? value : value - was;
}

/** The identity of a label set, whatever its order. */
const keyOf = (labels: Labels): string =>
  Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value},`)
    .join('');
