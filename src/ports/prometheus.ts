/** What the gate asks of Prometheus. The adapter tells empty, NaN, several series and warnings apart; it judges nothing. */
export interface Metrics {
  /**
   * One instant query.
   * @param at Unix milliseconds; the server's now when left out
   * @throws UpgradeError PROMETHEUS_* for anything that is not a successful answer
   */
  query(promql: string, at?: number): Promise<Answer>;
}

export interface Answer {
  series: readonly Series[];
  /** Prometheus' own words about possibly wrong data. Any of these makes the look incomplete. */
  warnings: readonly string[];
}

export interface Series {
  labels: Readonly<Record<string, string>>;
  /** `NaN` and infinities as they came. */
  value: number;
  /** When the value was evaluated, Unix milliseconds. */
  at: number;
}
