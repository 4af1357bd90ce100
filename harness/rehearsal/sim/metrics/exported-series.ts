import type { Labels } from './sample-store.ts';

/** One series of a target, as a function of time. */
export interface Series {
  /** Of one target and one metric alone: no two share an object. */
  labels: Labels;
  /** What a scrape at a moment reads; undefined before the first event of the series, as the real ones are. */
  valueAt(at: number): number | undefined;
}
