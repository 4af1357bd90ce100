import type { RawSeries, SampleStore } from '../../../rehearsal/sim/metrics/sample-store.ts';

/** What a store holds, as if it had happened so many milliseconds later. */
export function shifted(store: SampleStore, byMs: number): SampleStore {
  const later = (series: readonly RawSeries[]) =>
    series.map(({ labels, points }) => ({
      labels,
      points: points.map((point) => ({ ...point, at: point.at + byMs })),
    }));
  return {
    range: (matchers, from, to) => later(store.range(matchers, from - byMs, to - byMs)),
    latest: (matchers, at) => later(store.latest(matchers, at - byMs)),
  };
}

/** Several stores as one; none may have a series of another's. */
export function joined(stores: readonly SampleStore[]): SampleStore {
  return {
    range: (matchers, from, to) => stores.flatMap((store) => store.range(matchers, from, to)),
    latest: (matchers, at) => stores.flatMap((store) => store.latest(matchers, at)),
  };
}
