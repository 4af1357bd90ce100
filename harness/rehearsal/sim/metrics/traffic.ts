import type { VirtualClock } from '../virtual-clock.ts';
import type { Life } from './lives.ts';

/** Which proxies a setting is about; a field left out matches all. */
export interface TrafficScope {
  namespace?: string;
  revision?: string;
  workload?: string;
}

/** Since when a setting holds. */
interface Beginning {
  /** Also for all the time before: what is usual in this mesh. Left out, it holds from now on. */
  always?: boolean;
}

export interface FailureKind {
  responseCode: string;
  /** Given, the requests are gRPC, and this is how they fail. */
  grpcStatus?: string;
}

interface Setting extends TrafficScope {
  at: number;
  rps?: number;
  errorRatio?: number;
  failure?: FailureKind;
  meanMs?: number;
}

const InternalError: FailureKind = { responseCode: '500' };

/** Requests so far of one kind. */
export interface RequestCount {
  responseCode: string;
  grpcStatus?: string;
  /** A whole number. */
  count: number;
  /** How long they took: how many, with fractions, at which mean duration. */
  durations: readonly { meanMs: number; requests: number }[];
}

type Kind = Pick<RequestCount, 'responseCode' | 'grpcStatus'>;

/**
 * How many requests each proxy serves and how many of them fail, as settings over time: counts of any moment follow
 * from them, so nothing has to be recorded.
 */
export class Traffic {
  readonly #clock: VirtualClock;
  readonly #settings: Setting[];
  /** Configuration that proxies rejected: when, of which revision, which type. */
  readonly rejects: { at: number; revision: string; type: 'cds' | 'lds'; count: number }[] = [];

  constructor(clock: VirtualClock, { rps = 50, meanMs = 12 }: { rps?: number; meanMs?: number } = {}) {
    this.#clock = clock;
    this.#settings = [{ at: Number.NEGATIVE_INFINITY, rps, errorRatio: 0, meanMs }];
  }

  /** Of the requests of matching proxies this share fails; later settings win. */
  setErrorRatio(setting: TrafficScope & Beginning & { ratio: number; failure?: FailureKind }): void {
    const { ratio, failure, always, ...scope } = setting;
    this.#settings.push({ ...scope, at: this.#begin(always), errorRatio: ratio, ...(failure ? { failure } : {}) });
  }

  /** Each matching proxy serves so many requests a second. */
  setRate({ rps, always, ...scope }: TrafficScope & Beginning & { rps: number }): void {
    this.#settings.push({ ...scope, at: this.#begin(always), rps });
  }

  /** Requests of matching proxies take so long on average; exponentially distributed. */
  setDuration({ meanMs, always, ...scope }: TrafficScope & Beginning & { meanMs: number }): void {
    this.#settings.push({ ...scope, at: this.#begin(always), meanMs });
  }

  /** Proxies of a revision refuse configuration, once. */
  reject(revision: string, type: 'cds' | 'lds' = 'cds', count = 1): void {
    this.rejects.push({ at: this.#clock.now(), revision, type, count });
  }

  /** What the proxy has counted from its start until `at`. A kind that never happened is not there. */
  countsOf(life: Life, at: number): RequestCount[] {
    const totals = new Map<string, { kind: Kind; sum: number; byMean: Map<number, number> }>();
    const add = (kind: Kind, sum: number, meanMs: number) => {
      const key = `${kind.responseCode}/${kind.grpcStatus ?? ''}`;
      const total = totals.get(key) ?? { kind, sum: 0, byMean: new Map() };
      total.sum += sum;
      total.byMean.set(meanMs, (total.byMean.get(meanMs) ?? 0) + sum);
      totals.set(key, total);
    };
    const end = Math.min(at, life.until ?? at);
    for (const { from, to, rps, errorRatio, failure, meanMs } of this.#segments(life, end)) {
      const requests = (rps * (to - from)) / 1000;
      const { grpcStatus } = failure;
      add({ responseCode: '200', ...(grpcStatus ? { grpcStatus: '0' } : {}) }, requests * (1 - errorRatio), meanMs);
      add({ responseCode: failure.responseCode, ...(grpcStatus ? { grpcStatus } : {}) }, requests * errorRatio, meanMs);
    }
    return [...totals.values()]
      .map(({ kind, sum, byMean }) => ({
        ...kind,
        count: Math.floor(sum),
        durations: [...byMean].map(([meanMs, requests]) => ({ meanMs, requests })),
      }))
      .filter(({ count }) => count > 0);
  }

  #begin(always = false): number {
    return always ? Number.NEGATIVE_INFINITY : this.#clock.now();
  }

  #segments(life: Life, end: number) {
    const settings = this.#settings.filter((setting) => concerns(setting, life));
    const bounds = [life.from, ...settings.map(({ at }) => at).filter((at) => at > life.from && at < end), end];
    return bounds.slice(0, -1).flatMap((from, index) => {
      const to = bounds[index + 1] ?? end;
      if (to <= from) return [];
      const known = settings.filter(({ at }) => at <= from);
      const rps = known.findLast((setting) => setting.rps !== undefined)?.rps ?? 0;
      const meanMs = known.findLast((setting) => setting.meanMs !== undefined)?.meanMs ?? 0;
      const last = known.findLast((setting) => setting.errorRatio !== undefined);
      return [{ from, to, rps, meanMs, errorRatio: last?.errorRatio ?? 0, failure: last?.failure ?? InternalError }];
    });
  }
}

function concerns({ namespace, revision, workload }: Setting, life: Life): boolean {
  return (
    (namespace === undefined || namespace === life.namespace) &&
    (revision === undefined || revision === life.revision) &&
    (workload === undefined || workload === life.workload)
  );
}
