/** What the gate asks of Prometheus. The adapter distinguishes empty answers, NaN, several series and warnings; it judges nothing. */
export interface Metrics {
  /**
   * One instant query.
   * @param at Unix milliseconds; the server's current time when left out
   * @throws UpgradeError PROMETHEUS_* for anything that is not a successful answer
   */
  query(promql: string, at?: number): Promise<Answer>;
  /**
   * The same query at every step of a range; the server refuses more than 11,000 of them. VictoriaMetrics lacks values whose sample is
   * older than a step, so a step below five minutes may lose some; and Thanos' query frontend moves the ends to multiples of the step.
   * @throws UpgradeError PROMETHEUS_* for anything that is not a successful answer
   */
  range(promql: string, range: Range): Promise<RangeAnswer>;
}

/** Both ends are included, as far as a step meets the end. Unix milliseconds, and milliseconds. */
export interface Range {
  start: number;
  end: number;
  stepMs: number;
}

export interface Answer {
  series: readonly Series[];
  /** Warnings of Prometheus about possibly wrong data. Any of these makes the evidence incomplete. */
  warnings: readonly string[];
}

export interface Series {
  labels: Readonly<Record<string, string>>;
  /** `NaN` and infinities are kept. */
  value: number;
  /** When the value was evaluated, Unix milliseconds. */
  at: number;
}

/** A series has no point at the steps where the query had no result for it. */
export interface RangeAnswer {
  series: readonly RangeSeries[];
  warnings: readonly string[];
}

interface RangeSeries {
  labels: Readonly<Record<string, string>>;
  /** In the order of time; `at` in Unix milliseconds. */
  points: readonly { at: number; value: number }[];
}
