/** How waves are judged; part of the plan, without credentials. */
export interface GateSettings {
  intervalMs: number;
  settleMs: number;
  bakeMs: number;
  maxBakeMs: number;
  telemetryTimeoutMs: number;
  watchMs: number;
  minRequests: number;
  errorRatioMax: number;
  xdsRejectsMax: number;
  injectionFailuresMax: number;
  labels: { namespace: string; pod: string };
  /** Matchers for every built-in selector, as they stand between the braces: `cluster="prod-1"`. Empty when there are none. */
  match: string;
  checks: readonly MetricCheck[];
  /** Verdicts are given and told, and stop nothing; left out when they decide. */
  mode?: 'observe';
}

/** Whether the verdicts of the gate are only told: none stops the upgrade or rolls it back. */
export const onlyObserves = ({ gate }: { gate: Pick<GateSettings, 'mode'> }): boolean => gate.mode === 'observe';

/** One question in the user's PromQL. */
export interface MetricCheck {
  name: string;
  query: string;
  max?: number;
  min?: number;
  /** What an empty answer means: the series is not there (`hold`), or nothing has happened yet (`zero`). */
  empty: 'hold' | 'zero';
}

/** Fewer requests do not exclude that this ratio of them fails, with 95 % certainty, though none has failed. */
export const passRequests = (errorRatio: number): number => Math.ceil(3 / errorRatio);

/** So long after its pods were ready, what the restart of a wave cost is past. */
export const restartPastMs = 60_000;

/** So long a gateway is watched before the next restart: until what its own restart cost is past, and a scrape after that was judged. */
export const gatewayBakeMs = ({ bakeMs, intervalMs, settleMs }: GateSettings): number =>
  Math.min(bakeMs, restartPastMs + intervalMs) + settleMs;
