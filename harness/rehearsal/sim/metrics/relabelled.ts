import { labelKey } from './promql/value.ts';
import { type Labels, type Matcher, matchesAll, type Point, type RawSeries, type SampleStore } from './sample-store.ts';

/** What becomes of a series on its way into Prometheus: none, one, or several of them. */
export interface Relabelling {
  labelsOf(labels: Labels): readonly Labels[];
  /** What series that get the same labels become. Prometheus keeps the first; Envoy counts them together. */
  collide: 'first' | 'sum';
}

/** A metric relabelling rule of Prometheus with the action `labeldrop`. */
export const labelDropped = (name: string): Relabelling => ({
  labelsOf: (labels) => [without(labels, name)],
  collide: 'first',
});

/** A tag override of Istio's Telemetry API that removes a tag from the request metrics. */
export const tagRemoved = (name: string): Relabelling => ({
  labelsOf: (labels) => [isOfRequests(labels) ? without(labels, name) : labels],
  collide: 'sum',
});

/** The Telemetry API switches the request metrics of one reporter off in a namespace. */
export const reporterSwitchedOff = (reporter: 'source' | 'destination', namespace: string): Relabelling => ({
  labelsOf: (labels) => (labels['reporter'] === reporter && labels['namespace'] === namespace ? [] : [labels]),
  collide: 'first',
});

/** One Prometheus for several clusters: each has the same mesh, which serves the same requests. */
export const ofClusters = (...clusters: readonly string[]): Relabelling => ({
  labelsOf: (labels) => clusters.map((cluster) => ({ ...labels, cluster })),
  collide: 'first',
});

/** A store whose series have been relabelled. */
export class Relabelled implements SampleStore {
  readonly #store: SampleStore;
  readonly #relabelling: Relabelling;

  constructor(store: SampleStore, relabelling: Relabelling) {
    this.#store = store;
    this.#relabelling = relabelling;
  }

  range(matchers: readonly Matcher[], from: number, to: number): RawSeries[] {
    return this.#relabel(this.#store.range(byName(matchers), from, to), matchers);
  }

  latest(matchers: readonly Matcher[], at: number): RawSeries[] {
    return this.#relabel(this.#store.latest(byName(matchers), at), matchers);
  }

  #relabel(series: readonly RawSeries[], matchers: readonly Matcher[]): RawSeries[] {
    const { labelsOf, collide } = this.#relabelling;
    const found = new Map<string, RawSeries>();
    for (const { labels: before, points } of series) {
      for (const labels of labelsOf(before)) {
        if (!matchesAll(matchers, labels)) continue;
        const key = labelKey(labels);
        const known = found.get(key);
        if (known === undefined) found.set(key, { labels, points });
        else if (collide === 'sum') found.set(key, { labels, points: summed(known.points, points) });
      }
    }
    return [...found.values()];
  }
}

/** Other labels may be different before the relabelling. */
const byName = (matchers: readonly Matcher[]) => matchers.filter(({ label }) => label === '__name__');

const isOfRequests = ({ __name__ = '' }: Labels) => /^istio_request/.test(__name__);

const without = (labels: Labels, name: string): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([label]) => label !== name));

/** Of one target, so scraped at the same moments; one of the two may begin later. */
function summed(some: readonly Point[], others: readonly Point[]): Point[] {
  const sums = new Map<number, Point>();
  for (const point of [...some, ...others]) {
    const known = sums.get(point.at);
    if (known === undefined || known.isStale) sums.set(point.at, point);
    else if (!point.isStale) sums.set(point.at, { at: point.at, value: known.value + point.value });
  }
  return [...sums.values()].sort((a, b) => a.at - b.at);
}
