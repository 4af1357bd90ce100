import type { FailureClass } from '../../../../src/model/evidence.ts';

/** Whose counters: the servers of the wave, their clients, and the wave's own calls to others. */
export const sides = ['serverSide', 'clientSide', 'outbound'] as const;
export type Side = (typeof sides)[number];

export const bySide = <T>(of: (side: Side) => T): Record<Side, T> =>
  ({ serverSide: of('serverSide'), clientSide: of('clientSide'), outbound: of('outbound') }) satisfies Record<Side, T>;

/** What can go wrong with a request: a class of failures, slowness, or that it does not exist any more. */
type Trouble = FailureClass | 'slow' | 'gone';

/** Times are milliseconds since the wave's last pod was ready; its first pod was restarted two minutes before. */
export interface Fault {
  is: Trouble;
  /** Added to the share of requests. */
  points?: number;
  /** Or so many times the usual share. */
  times?: number;
  from: number;
  to: number;
  /** Left out: all of them. */
  sides?: readonly Side[];
  /** Indices of workloads; left out: all of them. */
  workloads?: readonly number[];
  /** Whether the rest of the mesh has it too. */
  everywhere?: boolean;
  /** Failures that the queries of the peers' documents do not count: gRPC codes, and what is not 5xx. */
  isHiddenFromPeers?: boolean;
}

/** How an error rate varies beyond chance: a log-normal factor whose logarithm is an AR(1) process. */
export interface Wandering {
  logSd: number;
  memoryMs: number;
}

/** One kind of traffic, healthy or bad. */
export interface Cell {
  name: string;
  kind: 'healthy' | 'bad';
  /** Which group of cells it is measured and shown with. */
  group: string;
  /** Requests each second to the wave; its own calls are as many. */
  rps: number;
  /** The usual share of failed requests, of each class, and of slow ones. */
  usual: Readonly<Record<FailureClass | 'slow', number>>;
  /** How the traffic is spread over the workloads; sums to 1. */
  shares: readonly number[];
  /** Of the whole mesh together, and of the wave and of the rest each by itself. */
  wandering: { shared?: Wandering; own?: Wandering };
  /** Mean size of the bursts in which failures come. */
  burst: number;
  /** How long Prometheus knew the mesh before the wave. */
  historyMs: number;
  /** The rest of the mesh has so many times the requests of the wave; 0 when there is none. */
  restTimes: number;
  /** The rest of the mesh fails so many times as often as the wave. */
  restFails: number;
  /** Factors of the requests and of the error rates of the whole mesh at one time. */
  load?: (at: number) => number;
  drift?: (at: number) => number;
  faults: readonly Fault[];
  /** Share of scrapes that fail, and how often a proxy restarts and loses what it counted since its last scrape, for each workload. */
  scraping?: { lost: number; resets: number };
  /** How many waves one upgrade has, one after the other. */
  waves: number;
  /** What leaks to clients cannot be counted as failures: requests that do not exist. */
  hasNoLeak?: boolean;
  /** Why a goal does not hold for it. */
  exempt?: string;
}

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const scrapeMs = 15 * second;
export const rolloutMs = 2 * minute;
