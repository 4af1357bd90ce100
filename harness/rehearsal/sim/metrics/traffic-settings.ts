import type { Life } from './lives.ts';
import type { Wander, WanderingRatio } from './wandering-ratio.ts';

/** Which proxies a setting is about; a field left out matches all. */
export interface TrafficScope {
  namespace?: string;
  revision?: string;
  workload?: string;
  /** Only gateways, or only the sidecars of workloads. */
  isGateway?: boolean;
}

/** Since when a setting holds. */
export interface Beginning {
  /** Also for all the time before: what is usual in this mesh. Left out, it holds from now on. */
  always?: boolean;
}

export interface FailureKind {
  responseCode: string;
  /** Given, the requests are gRPC, and this is how they fail. */
  grpcStatus?: string;
  /** Envoy's response flags in the metrics of both sides; `-` if left out. */
  flags?: string;
  /** `client`: the request never arrives at a server, so that only the proxy of its caller counts it. */
  seenBy?: 'both' | 'client';
}

export interface Failing {
  ratio: number;
  failure?: FailureKind;
  /** Failures of different causes add up; of the same cause, the later setting wins. */
  cause?: string;
  /** The ratio is a mean: it rises and falls by chance. */
  wander?: Wander;
}

/** Requests that leave no trace: `none` counts them, or only the `client` does, as served. */
export interface Losing {
  ratio: number;
  seenBy: 'none' | 'client';
}

/** TCP connections, none of which lasts. */
export interface Connecting {
  perSecond: number;
  /** What its servers send on all of them together. */
  bytesPerSecond: number;
}

/** Of connections, the share that fails. */
export interface Refusing {
  ratio: number;
  /** Envoy's response flags. */
  flags: string;
  /** `client`: it does not reach a server. `server`: the proxy of the server takes it, and its application does not. */
  seenBy: 'client' | 'server';
}

/** Where requests go. */
export type Destination = Pick<Life, 'namespace' | 'workload'>;

/** One change of the traffic; what it leaves out stays as it was. */
export interface Setting extends TrafficScope {
  at: number;
  rps?: number;
  meanMs?: number;
  lost?: Losing;
  connections?: Connecting;
  refusing?: Refusing;
  failing?: { cause: string; failure: FailureKind; ratio: number; wandering?: WanderingRatio };
}
