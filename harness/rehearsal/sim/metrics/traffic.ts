import type { VirtualClock } from '../virtual-clock.ts';
import type { Life } from './lives.ts';
import { type Reporter, type Requests, requestsOf } from './requests.ts';
import type {
  Beginning,
  Connecting,
  Destination,
  Failing,
  FailureKind,
  Losing,
  Refusing,
  Setting,
  TrafficScope,
} from './traffic-settings.ts';
import { WanderingRatio } from './wandering-ratio.ts';

/** Of the durations of requests, where nothing else is set. */
export const UsualMeanMs = 12;

/** Of an answer on a TCP connection, where nothing else is set. */
const UsualBytes = 2_000;

const InternalError: FailureKind = { responseCode: '500' };

/**
 * How many requests each proxy serves and how many of them fail, as settings over time: counts of any moment follow
 * from them, so nothing has to be recorded.
 */
export class Traffic {
  readonly #clock: VirtualClock;
  readonly #beganAt: number;
  readonly #settings: Setting[];
  #changes = 0;
  /** Configuration that proxies rejected: when, of which revision, which type. */
  readonly rejects: { at: number; revision: string; type: 'cds' | 'lds'; count: number }[] = [];
  #behindGateways: readonly Destination[] = [];

  constructor(clock: VirtualClock, { rps = 50, meanMs = UsualMeanMs }: { rps?: number; meanMs?: number } = {}) {
    this.#clock = clock;
    this.#beganAt = clock.now();
    this.#settings = [{ at: Number.NEGATIVE_INFINITY, rps, meanMs }];
  }

  /** Of the requests of matching proxies this share fails. */
  setErrorRatio(setting: TrafficScope & Beginning & Failing): void {
    const { ratio, failure = InternalError, cause = '', wander, always, ...scope } = setting;
    const wandering = wander && new WanderingRatio(ratio, wander, this.#beganAt);
    this.#set({ ...scope, failing: { cause, failure, ratio, ...(wandering && { wandering }) } }, always);
  }

  /** Each matching proxy serves so many requests a second. */
  setRate({ rps, always, ...scope }: TrafficScope & Beginning & { rps: number }): void {
    this.#set({ ...scope, rps }, always);
  }

  /** Requests of matching proxies take so long on average; exponentially distributed. */
  setDuration({ meanMs, always, ...scope }: TrafficScope & Beginning & { meanMs: number }): void {
    this.#set({ ...scope, meanMs }, always);
  }

  /** This share of the requests of matching proxies is missing in the metrics. */
  setLost({ ratio, seenBy, always, ...scope }: TrafficScope & Beginning & Losing): void {
    this.#set({ ...scope, lost: { ratio, seenBy } }, always);
  }

  /** Each matching proxy takes so many TCP connections a second, besides its requests, and answers so many bytes; none if never set. */
  setConnections({
    perSecond,
    bytesPerSecond = UsualBytes * perSecond,
    always,
    ...scope
  }: TrafficScope & Beginning & Pick<Connecting, 'perSecond'> & Partial<Connecting>): void {
    this.#set({ ...scope, connections: { perSecond, bytesPerSecond } }, always);
  }

  /** Of the connections of matching proxies this share fails; if nothing else is said, on the way to the server. */
  setConnectionFailures({
    ratio,
    flags = 'UF,URX',
    seenBy = 'client',
    always,
    ...scope
  }: TrafficScope & Beginning & Pick<Refusing, 'ratio'> & Partial<Refusing>): void {
    this.#set({ ...scope, refusing: { ratio, flags, seenBy } }, always);
  }

  /** Gateways send what they get to these workloads, in equal parts. */
  routeGateways(to: readonly Destination[]): void {
    this.#behindGateways = to;
    this.#changes += 1;
  }

  /** Proxies of a revision refuse configuration, once. */
  reject(revision: string, type: 'cds' | 'lds' = 'cds', count = 1): void {
    this.rejects.push({ at: this.#clock.now(), revision, type, count });
  }

  get behindGateways(): readonly Destination[] {
    return this.#behindGateways;
  }

  /** What was computed from the settings is right until this number changes. */
  get changes(): number {
    return this.#changes;
  }

  /** What a proxy counts as one of its two reporters, kind by kind. */
  requestsOf(life: Life, reporter: Reporter): readonly Requests[] {
    return requestsOf(this.settingsOf(life), life, reporter);
  }

  /** Those that concern a proxy, in the order in which they were made. */
  settingsOf(life: Life): readonly Setting[] {
    return this.#settings.filter((setting) => concerns(setting, life));
  }

  #set(setting: Omit<Setting, 'at'>, always = false): void {
    this.#settings.push({ ...setting, at: always ? Number.NEGATIVE_INFINITY : this.#clock.now() });
    this.#changes += 1;
  }
}

function concerns({ namespace, revision, workload, isGateway }: Setting, life: Life): boolean {
  return (
    (namespace === undefined || namespace === life.namespace) &&
    (revision === undefined || revision === life.revision) &&
    (workload === undefined || workload === life.workload) &&
    (isGateway === undefined || isGateway === life.isGateway)
  );
}
