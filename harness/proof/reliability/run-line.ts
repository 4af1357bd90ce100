import type { Rehearsed } from '../../rehearsal/spawn-rehearsal.ts';
import { failuresOf, neverConnected, type SeenRequests } from '../kind/requests.ts';

/** One rehearsal on kind, as docs/reliability.jsonl keeps it. */
export interface RunLine {
  scenario: string;
  /** When it began, ISO 8601. */
  at: string;
  /** Cluster and installation included. */
  durationMs: number;
  /** Why it did not go as the scenario expects; left out when it did. */
  failed?: string;
  /** Of the last run of the scenario; left out, like the rest, when no report was written. */
  outcome?: string;
  /** Sidecars and gateways before the upgrade. */
  pods?: number;
  /** What clients got of workloads whose pods wait before they stop. */
  requests?: { sent: number; failed: number; neverConnected: number };
  /** From the verdict until the tag pointed to the old revision again; left out when it did not have to. */
  tagBackMs?: number;
  /** Processes that wanted a core, averaged over the last minute of the run: those of the rehearsal are among them. */
  load: number;
}

export interface Ended extends Rehearsed {
  scenario: string;
  /** Unix milliseconds. */
  startedAt: number;
  endedAt: number;
  load: number;
}

export function runLine({ scenario, startedAt, endedAt, load, failed, report }: Ended): RunLine {
  const last = report?.reports.at(-1);
  const tagBackMs = report?.reports.map(({ cost }) => cost.failToTagBackMs).find((ms) => ms !== null);
  return {
    scenario,
    at: new Date(startedAt).toISOString(),
    durationMs: endedAt - startedAt,
    ...(failed !== undefined && { failed }),
    ...(last && { outcome: last.outcome?.kind ?? 'not ended' }),
    ...(report && { pods: report.pods, requests: requestsOf(report.requests) }),
    ...(tagBackMs !== undefined && { tagBackMs }),
    load: Math.round(load * 10) / 10,
  };
}

function requestsOf(requests: readonly SeenRequests[]): NonNullable<RunLine['requests']> {
  const waiting = requests.filter(({ mayNotFail }) => mayNotFail);
  const sum = (count: (each: SeenRequests) => number) => waiting.reduce((total, each) => total + count(each), 0);
  return { sent: sum(({ sent }) => sent), failed: sum(failuresOf), neverConnected: sum(neverConnected) };
}
