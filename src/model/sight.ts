import type { Normal, ViewName } from './evidence.ts';

/** What the gate would see of each wave of the plan, or why that is not known. */
export type Sight = { waves: readonly WaveSight[] } | { unknown: string };

/** What the gate would see of one wave, found before anything is changed. */
export interface WaveSight {
  wave: string;
  /** Live pods with a sidecar, of workloads whose rollout is complete. */
  pods: number;
  /** `namespace/pod` of those without a fresh sample. */
  unscraped: readonly string[];
  /** Milliseconds between two scrapes of a pod; left out if no pod was scraped for long enough. */
  scrapeMs?: number;
  lacking: readonly LabelLacking[];
  /** Whether there are series of requests with the label of the pod. */
  hasPodLabel: boolean;
  /** Namespaces with pods whose requests are counted by their clients alone. */
  clientsOnly: readonly string[];
  /** Those in which only TCP connections are counted. */
  tcpOnly: readonly string[];
  /** Those of which nothing is counted. */
  silent: readonly string[];
  /** Whether calls to the wave are counted by its clients as well. */
  seesClients: boolean;
  /** What must be enough for a pass: requests in this view, or TCP connections; left out if nothing counts either. */
  decides?: ViewName | 'tcpConnections';
  /** The least bytes that were sent on its connections in any time as long as the sliding window, where few connections decide. */
  leastBytes?: number;
  /** Milliseconds of the last hours in which it had requests, in blocks of a quarter of an hour. */
  historyMs: number;
  /** Requests of the rest of the mesh in the sliding window. */
  rest: number;
  /** Whether the rest of the mesh is large enough to be compared with. */
  hasRest: boolean;
  /** Of the whole wave. */
  power: Power;
  /** Of each workload that has served in the hours before. */
  workloads: readonly (Power & { part: string })[];
}

/** A label of the request metrics that the gate cannot do without. */
export interface LabelLacking {
  label: 'reporter' | 'response_code' | 'response_flags' | 'grpc_response_status';
  /** Of which metric, if not of requests. */
  metric?: 'istio_tcp_connections_opened_total';
  namespaces: readonly string[];
  /** Values that the gate cannot read; empty if the label is absent. */
  values: readonly string[];
}

/** What could be noticed of a part of the mesh, by its traffic of the last minutes and its history. Ratios, and milliseconds. */
export interface Power {
  /** Requests or connections a second. */
  rate: number;
  normal: Normal;
  /** The ratio of failed requests that would be noticed within the bake, and within the longest bake; infinite without requests. */
  seenInBake: number;
  seenAtMost: number;
  /** A rise that must be noticed: tenfold what is usual, or 5 points if nothing fails usually. */
  rise: number;
  /** How long it takes until that rise is noticed; infinite without requests. */
  noticeMs: number;
  /** How long a pass takes, at least the bake; infinite without requests. */
  passMs: number;
}
