/** The numbers behind one look at one wave. Counts are increments since `since`; nothing here is a rate. */
export interface Evidence {
  wave: string;
  /** `bake` while the wave waits for its verdict; `watch` for waves that have passed. */
  mode: 'bake' | 'watch';
  /** Unix milliseconds of the cluster; the window that was counted. */
  since: number;
  until: number;
  readyAt: number;
  /** Names of the wave's live pods on the new revision, in all. */
  pods: number;
  /** Of these, how many had a fresh sample. */
  podsSeen: number;
  serverSide: Traffic;
  /** Calls to the wave's services as their clients saw them. */
  clientSide: Traffic;
  /** Calls that the wave's own pods made. */
  outbound: Traffic;
  xdsRejects: number;
  injectionFailures: number;
  /** Whether Prometheus has the new istiod at all. Absent counters of a seen istiod are zero. */
  controlPlaneSeen: boolean;
  checks: readonly CheckAnswer[];
  /** Why the numbers cannot be trusted: failed queries, warnings, stale samples. */
  distrust: readonly string[];
}

export interface Traffic {
  requests: number;
  errors: number;
  /** The pods with most errors, worst first, at most five. */
  worst: readonly { pod: string; requests: number; errors: number }[];
  /** The namespaces with the highest share of errors, worst first, at most five. */
  namespaces: readonly NamespaceTraffic[];
}

export interface NamespaceTraffic {
  namespace: string;
  requests: number;
  errors: number;
  /** The same of its pods for as long before its wave as the bake lasts; zeros when nobody knows. */
  before: { requests: number; errors: number };
}

export interface CheckAnswer {
  name: string;
  query: string;
  max?: number;
  min?: number;
  empty: 'hold' | 'zero';
  /** One number a series; empty when there is none. */
  values: readonly { labels: string; value: number }[];
}

export type Verdict = 'pass' | 'fail' | 'hold' | 'inconclusive';

/** A verdict with what it rests on. */
export interface JudgedEvidence {
  verdict: Verdict;
  reason: string;
  at: number;
  findings: readonly { check: string; verdict: Verdict; value: string; limit: string }[];
  evidence: Evidence;
}

export const noTraffic: Traffic = { requests: 0, errors: 0, worst: [], namespaces: [] };
