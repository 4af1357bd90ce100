export type Labels = Readonly<Record<string, string>>;

/** Unix milliseconds. A stale marker says that its series ended here; its value is NaN and never shown. */
export interface Point {
  at: number;
  value: number;
  isStale?: true;
}

export interface RawSeries {
  /** With `__name__`. */
  labels: Labels;
  /** Oldest first. */
  points: readonly Point[];
}

export interface Matcher {
  label: string;
  operator: '=' | '!=' | '=~' | '!~';
  /** As written, for `absent()`. */
  wanted: string;
  matches(value: string): boolean;
}

/** A sample counts for so long when nothing says that its series has ended; also Prometheus' own default. */
export const LookbackMs = 5 * 60 * 1000;

/** What queries are evaluated on. */
export interface SampleStore {
  /** Samples in (from, to] of the series that match all of it, stale markers among them. */
  range(matchers: readonly Matcher[], from: number, to: number): RawSeries[];
  /** One sample a series: the newest in the lookback before `at`, unless that is a stale marker. */
  latest(matchers: readonly Matcher[], at: number): RawSeries[];
}

export const matchesAll = (matchers: readonly Matcher[], labels: Labels): boolean =>
  matchers.every(({ label, matches }) => matches(labels[label] ?? ''));

/** The newest samples of a range, for stores that hold ranges. */
export function latestOf(series: readonly RawSeries[]): RawSeries[] {
  return series.flatMap(({ labels, points }) => {
    const last = points.at(-1);
    return last && !last.isStale ? [{ labels, points: [last] }] : [];
  });
}
