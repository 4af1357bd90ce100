import type { Faults } from './faults.ts';
import type { MeshProxy } from './mesh-proxy.ts';

/** One request as one proxy reports it. */
export interface Report {
  by: MeshProxy;
  reporter: 'source' | 'destination';
  /** undefined if the caller has no proxy. */
  source: MeshProxy | undefined;
  destination: MeshProxy;
  outcome: 'served' | 'failed at destination' | 'failed at source' | 'no route';
  /** Of what failed at its destination. */
  status: number;
  durationMs: number;
}

/** Of the durations of requests, exponentially distributed. */
const meanMs = 12;
/** Multiples of the golden ratio spread evenly without being random. */
const goldenRatio = 0.618_033_988_75;

/** Who calls whom beside the gateways, which call everybody: `foo -> bar -> baz`. */
const CALLERS: Readonly<Record<string, string>> = { bar: 'foo', baz: 'bar' };

/**
 * Requests flow from gateways and calling workloads to every ready sidecar. Nothing is random: of n requests at ratio r,
 * n * r fail, evenly spread, so that the same lab gives the same counts.
 * A broken sidecar fails as a server, and both ends see it. A broken gateway fails before the request leaves it, and only it sees that; so
 * does a proxy without a route.
 */
export class Traffic {
  readonly #faults: Faults;
  readonly #report: (report: Report) => void;
  readonly #requestsDue = new Map<string, number>();
  readonly #errorsDue = new Map<string, number>();
  #turn = 0;

  constructor(faults: Faults, report: (report: Report) => void) {
    this.#faults = faults;
    this.#report = report;
  }

  /** Lets `elapsedMs` of traffic happen. */
  flow(proxies: readonly MeshProxy[], elapsedMs: number): void {
    const ready = proxies.filter(({ isReady }) => isReady);
    const gateways = ready.filter(({ kind }) => kind === 'router');
    const sidecars = Map.groupBy(
      ready.filter(({ kind }) => kind === 'sidecar'),
      ({ workload }) => workload,
    );
    for (const server of ready) {
      if (server.kind === 'router') continue;
      const callers = sidecars.get(CALLERS[server.workload] ?? '') ?? [];
      const clients = [...gateways, ...callers];
      const count = due(this.#requestsDue, server.uid, (this.#faults.rps * elapsedMs) / 1000);
      for (let request = 0; request < count; request += 1) {
        this.#turn += 1;
        this.#send(clients[this.#turn % clients.length], server);
      }
    }
    this.#forget(new Set(proxies.map(({ uid }) => uid)));
  }

  #send(source: MeshProxy | undefined, destination: MeshProxy): void {
    const durationMs = -meanMs * Math.log(1 - ((this.#turn * goldenRatio) % 1)) + this.#faults.slowedMs(destination);
    const request = { source, destination, durationMs };
    const ofCaller = source && this.#faults.injected(source);
    const failsItself = source?.kind === 'router' || ofCaller?.noRoute === true;
    if (source && ofCaller && failsItself && due(this.#errorsDue, source.uid, ofCaller.ratio) > 0) {
      const outcome = ofCaller.noRoute ? 'no route' : 'failed at source';
      this.#report({ ...request, by: source, reporter: 'source', outcome, status: ofCaller.status });
      return;
    }
    const injected = this.#faults.injected(destination);
    const fault = injected?.noRoute ? undefined : injected;
    const { ratio, status } = fault ?? { ratio: this.#faults.baseErrorRatio, status: 503 };
    const outcome = due(this.#errorsDue, destination.uid, ratio) > 0 ? 'failed at destination' : 'served';
    const answered = { ...request, outcome, status } as const;
    this.#report({ ...answered, by: destination, reporter: 'destination' });
    if (source) this.#report({ ...answered, by: source, reporter: 'source' });
  }

  #forget(present: ReadonlySet<string>): void {
    for (const debts of [this.#requestsDue, this.#errorsDue])
      for (const uid of debts.keys()) if (!present.has(uid)) debts.delete(uid);
  }
}

/** Adds to what is owed and takes the whole ones out. */
function due(debts: Map<string, number>, uid: string, more: number): number {
  const owed = (debts.get(uid) ?? 0) + more;
  // A sum of many small ratios may stay a hair below a whole.
  const whole = Math.floor(owed + 1e-9);
  debts.set(uid, owed - whole);
  return whole;
}
