/** What the gate asks of Prometheus. The adapter distinguishes empty answers, NaN, several series and warnings; it judges nothing. */
export interface Metrics {
  /**
   * One instant query.
   * @param at Unix milliseconds; the server's current time when left out
   * @throws UpgradeError PROMETHEUS_* for anything that is not a successful answer
   */
  query(promql: string, at?: number): Promise<Answer>;
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
