import { LookbackMs, latestOf, type Matcher, matchesAll, type RawSeries, type SampleStore } from './sample-store.ts';

/** Samples that were written down, for comparing what two engines make of them. */
export class MemoryStore implements SampleStore {
  readonly series: readonly RawSeries[];

  constructor(series: readonly RawSeries[]) {
    this.series = series;
  }

  range(matchers: readonly Matcher[], from: number, to: number): RawSeries[] {
    return this.series.flatMap(({ labels, points }) => {
      if (!matchesAll(matchers, labels)) return [];
      const inside = points.filter(({ at }) => at > from && at <= to);
      return inside.length === 0 ? [] : [{ labels, points: inside }];
    });
  }

  latest(matchers: readonly Matcher[], at: number): RawSeries[] {
    return latestOf(this.range(matchers, at - LookbackMs, at));
  }
}
