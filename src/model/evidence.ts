/** What one look at one wave found: facts that all gates share, and what each gate counted. Nothing here is a rate. */
export interface Evidence {
  wave: string;
  /** `moving` while its pods are replaced, when it can only fail; `bake` while it waits for its verdict; `watch` after it has passed. */
  mode: 'moving' | 'bake' | 'watch';
  /** Unix milliseconds of the cluster; the window that was counted. */
  since: number;
  until: number;
  /** When its last pod was ready; when the first was restarted while it moves. */
  readyAt: number;
  /** How many of the wave's live pods run the new revision, and of how many workloads. */
  pods: number;
  /** Left out in journals of releases that did not record it. */
  workloads?: number;
  /** The wave had no pods when it began, and has none now: Prometheus is not asked about it. */
  empty?: true;
  gates: GateEvidence;
  /** Why the numbers cannot be trusted: failed queries, warnings, stale samples. */
  distrust: readonly string[];
  /** What each gate asked, for the report; the journal does not keep it. */
  queries?: Readonly<Partial<Record<GateName, readonly AskedQuery[]>>>;
}

/** A query as it was asked. Times are Unix milliseconds of the cluster. */
export interface AskedQuery {
  query: string;
  /** When it was evaluated, or the end of a range. */
  at: number;
  /** Of a range: its begin, and the time between two evaluations. */
  from?: number;
  stepMs?: number;
}

/** What each gate counted, by its name. Every name here has its file in src/gate/gates, or `gates.ts` does not compile. */
export interface GateEvidence {
  /** Of the wave's pods on the new revision, how many had a fresh sample. */
  freshness: number;
  serverSide: Traffic;
  /** Calls to the wave's services as their clients saw them. */
  clientSide: Traffic;
  /** Calls that the wave's own pods made. */
  outbound: Traffic;
  tcpConnections: Connections;
  /** Requests that take longer than usual, in the wave and in its workloads. */
  slowRequests: readonly PartCounts[];
  /** Workloads with much fewer requests than ever in the hours before. */
  missingTraffic: readonly MissingTraffic[];
  /** Whether Prometheus has the new istiod at all. */
  controlPlane: boolean;
  xdsRejects: IstiodCount;
  injectionFailures: IstiodCount;
  /** The checks of the config, in its order. */
  checks: readonly CheckAnswer[];
}

export type GateName = keyof GateEvidence;

/** From where requests and connections are counted: as servers, as their clients, and as the wave's own calls. */
export type ViewName = 'serverSide' | 'clientSide' | 'outbound';

export interface Traffic {
  /** Of all pods of the wave since its bake began, or in the sliding window. Failures of every class. */
  requests: number;
  errors: number;
  /** The pods with most errors, worst first, at most five. */
  worst: readonly { pod: string; requests: number; errors: number }[];
  /** Of each class of failures: the wave as a whole first, then its workloads. A class that a journal does not know is not there. */
  classes: Readonly<Partial<Record<FailureClass, readonly PartCounts[]>>>;
}

/** Ways to fail that are judged each against its own normal; src/gate/failures.ts says which response is which. */
export type FailureClass = 'error' | 'refusal' | 'lost';

/** Requests, and how many of them failed. */
export interface Count {
  requests: number;
  errors: number;
}

/** What was normal for a part of the mesh in the hours before its wave. Without requests nothing is known. */
export interface Normal extends Count {
  /** How much more the failures vary than by chance, from 1. */
  dispersion: number;
  /** Whether they rise and fall with those of the rest of the mesh. */
  followsRest: boolean;
  /** The highest error ratio that is plausible as usual. Without requests there is none. */
  most?: number;
  /** The usual error ratio of the rest of the mesh; left out when the rest has no history. */
  rest?: number;
}

/** Spans of time that end now; src/gate/root/windows.ts says when each begins. */
export type WindowName = 'moving' | 'ready' | 'started' | 'settled' | 'recent';

export interface PartCounts {
  /** A workload as `namespace/name`; the whole wave when left out. */
  part?: string;
  normal: Normal;
  windows: Readonly<Partial<Record<WindowName, { own: Count; rest: Count }>>>;
}

/** TCP connections; a `Count` of them has those opened as requests, and those that failed as errors. */
export interface Connections {
  /** Since the wave was ready, or in the sliding window. A view that counted none is not there. */
  opened: Readonly<Partial<Record<ViewName, Count>>>;
  /** Of each view: the wave as a whole first, then workloads of which some failed. */
  views: Readonly<Partial<Record<ViewName, readonly PartCounts[]>>>;
  /** Of the wave as a whole and of its workloads, where bytes were sent all the time in the hours before. */
  bytes: readonly Sending[];
  /** Whether it sent bytes all the time before, and too little time has passed to say whether it still does. */
  isBytesDue?: true;
}

/** Bytes that servers sent on TCP connections. */
export interface Sending {
  /** A workload as `namespace/name`; the whole wave when left out. */
  part?: string;
  /** In the last `ms`, and the least in so long before the wave. */
  left: number;
  least: number;
  ms: number;
  /** What the rest of the mesh serves now, as a ratio of its least, at most 1; left out if it has no history. */
  rest?: number;
}

export interface MissingTraffic {
  /** The workload, `namespace/name`. */
  part: string;
  /** Requests in the last `ms`, and the least in so long before the wave. */
  left: number;
  least: number;
  ms: number;
  /** The same as a ratio for the rest of the mesh, at most 1; left out if the rest has no history. */
  rest?: number;
}

/** An increment since the wave began. Absent counters of a seen istiod are zero; those of an unseen one are unknown. */
export type IstiodCount = number | 'unseen';

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
  answers: readonly GateAnswer[];
  /** What the gates that count requests have counted, for charts; the one that decides whether traffic is enough comes first. */
  traffic: readonly CountedTraffic[];
  evidence: Evidence;
  /** Whether it stops nothing, since `gate.mode` is `observe`. */
  observed?: true;
  /** For charts; the journal does not keep it. */
  shown?: Shown;
  /** Left out if Prometheus did not answer, and in journals of releases that did not count it. */
  whileReplaced?: WhileReplaced;
}

/**
 * Calls to the services of a wave as their clients counted them, from its first restart until its last pod was ready. Evidence begins
 * there, so these calls are in no verdict. Metrics do not tell whether a restart or the release failed them.
 */
export interface WhileReplaced {
  requests: number;
  errors: number;
  /** The failed ones by Envoy's response flags, for example `UC`; `-` for those without. */
  flags: Readonly<Record<string, number>>;
  durationMs: number;
}

/** A judgement as charts draw it. */
interface Shown {
  /** The gate that decided: one that fails or keeps the wave from passing, else the one that must have enough requests. */
  speaker: GateName;
  /** The shares of requests that were judged, of the whole wave; one of which nothing failed is left out if others speak. */
  ratios: readonly JudgedRatio[];
}

/** A share of requests in the window of a look that speaks, and what it was judged by. Limits and ratios are from 0 to 1. */
export interface JudgedRatio extends RatioAtLimit {
  /** Which failures, for example `server-side errors`. */
  label: string;
  /** Of the rest of the mesh in the same window; left out if it had no requests. */
  rest?: number;
  /** What is usual, and the most that is plausible as usual; left out without history. */
  usual?: { ratio: number; most: number };
  /** The workload that is farthest above its own limit, if one fails or is unclear. */
  worst?: RatioAtLimit & { part: string };
}

interface RatioAtLimit extends Count {
  /** More than this fails the wave, if chance does not explain it. */
  limit: number;
  /** `unclear`: above the limit, and nothing tells the release from the surroundings. */
  red?: 'fail' | 'unclear';
}

/** One number against its limit, in words. */
export interface GateAnswer {
  check: string;
  verdict: Verdict;
  value: string;
  limit: string;
  /** More fails than usual, and nothing tells whether the release or the surroundings are the cause. */
  isUnclear?: true;
}

export interface CountedTraffic {
  gate: string;
  /** Whose view it is, for the key of a chart: `as its pods counted it`. */
  label: string;
  /** What is counted, if not requests. */
  counts?: 'connections';
  requests: number;
  errors: number;
}

export const noTraffic: Traffic = { requests: 0, errors: 0, worst: [], classes: {} };
export const noConnections: Connections = { opened: {}, views: {}, bytes: [] };
