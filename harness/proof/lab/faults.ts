import { z } from 'zod';

const name = z.string().min(1);
const ratio = z.number().min(0).max(1);

/** Proxies of one revision (`*`: any) in one namespace (`*`: any) answer that share of requests with an error. */
export const errorFault = z.strictObject({
  revision: name.default('*'),
  namespace: name.default('*'),
  /** null takes the fault away. */
  errorRatio: ratio.nullable(),
  /** The HTTP status of such an answer. */
  status: z.int().min(400).max(599).default(503),
  /** Instead, the proxies have no route for that share of their own calls: HTTP status 404. */
  noRoute: z.boolean().default(false),
});
export type ErrorFault = z.infer<typeof errorFault>;

/** Servers with proxies of one revision need so much longer for each request; null takes the fault away. */
export const slowFault = z.strictObject({ revision: name, ms: z.number().min(0).nullable() });
export type SlowFault = z.infer<typeof slowFault>;

/** Proxies of one revision reject whatever istiod pushes. */
export const nackFault = z.strictObject({ revision: name, on: z.boolean() });
export type NackFault = z.infer<typeof nackFault>;

export const trafficSettings = z.strictObject({
  /** Requests a second that each pod serves. */
  rps: z.number().min(0).max(10_000).optional(),
  /** What also a healthy proxy answers with an error. */
  baseErrorRatio: ratio.optional(),
});
export type TrafficSettings = z.infer<typeof trafficSettings>;

interface InjectedErrors {
  ratio: number;
  status: number;
  noRoute: boolean;
}

type GivenErrors = Pick<ErrorFault, 'revision' | 'namespace' | 'errorRatio'> & Partial<ErrorFault>;

/** What is broken at the moment. */
export class Faults {
  rps = 50;
  baseErrorRatio = 0.001;
  readonly #errors = new Map<string, InjectedErrors>();
  readonly #slow = new Map<string, number>();
  readonly #nacks = new Set<string>();

  setTraffic({ rps = this.rps, baseErrorRatio = this.baseErrorRatio }: TrafficSettings): void {
    this.rps = rps;
    this.baseErrorRatio = baseErrorRatio;
  }

  setErrors({ revision, namespace, errorRatio, status = 503, noRoute = false }: GivenErrors): void {
    const key = `${revision}/${namespace}`;
    if (errorRatio === null) this.#errors.delete(key);
    else this.#errors.set(key, { ratio: errorRatio, status, noRoute });
  }

  setSlow({ revision, ms }: SlowFault): void {
    if (ms === null) this.#slow.delete(revision);
    else this.#slow.set(revision, ms);
  }

  /** How much longer its servers need, in milliseconds. */
  slowedMs({ revision }: { revision: string }): number {
    return this.#slow.get(revision) ?? 0;
  }

  setNack({ revision, on }: NackFault): void {
    if (on) this.#nacks.add(revision);
    else this.#nacks.delete(revision);
  }

  /** The most exact fault that names this proxy; a namespace is more exact than a revision. */
  injected({ revision, namespace }: { revision: string; namespace: string }): InjectedErrors | undefined {
    const keys = [`${revision}/${namespace}`, `*/${namespace}`, `${revision}/*`, '*/*'];
    const key = keys.find((candidate) => this.#errors.has(candidate));
    return key === undefined ? undefined : this.#errors.get(key);
  }

  rejects(revision: string): boolean {
    return this.#nacks.has(revision);
  }

  toJSON() {
    const { rps, baseErrorRatio } = this;
    return {
      rps,
      baseErrorRatio,
      errors: Object.fromEntries(this.#errors),
      slow: Object.fromEntries(this.#slow),
      nacks: [...this.#nacks],
    };
  }
}
