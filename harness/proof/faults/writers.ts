import type { TransportRequest } from '../../../src/kubernetes/transport.ts';
import type { Change } from '../../rehearsal/sim/api-server/store.ts';
import type { Sim } from '../../rehearsal/sim/create-sim.ts';

const header = 'x-fault-harness-run';

/** A change that an attempt made: an object through the API server, or a call of istioctl that begins to work. */
export type Write = { runId: string; at: number } & ({ change: Change } | { istioctl: readonly string[] });

/** Knows which attempt made which change of the cluster. */
export class Writers {
  readonly #sim: Sim;
  readonly #listeners: ((write: Write) => void)[] = [];
  #current: string | undefined;

  constructor(sim: Sim) {
    this.#sim = sim;
    // The server carries a request out in the same turn in which it asks its interceptors.
    sim.transport.interceptors.push(({ headers }) => {
      this.#current = headers[header];
      queueMicrotask(() => {
        this.#current = undefined;
      });
      return undefined;
    });
    sim.store.onChange((change) => {
      if (this.#current !== undefined) this.#tell({ runId: this.#current, at: sim.clock.now(), change });
    });
  }

  onWrite(listener: (write: Write) => void): void {
    this.#listeners.push(listener);
  }

  signed(request: TransportRequest, runId: string): TransportRequest {
    return { ...request, headers: { ...request.headers, [header]: runId } };
  }

  istioctlBegins(runId: string, args: readonly string[]): void {
    if (isIstioctlWrite(args)) this.#tell({ runId, at: this.#sim.clock.now(), istioctl: args });
  }

  #tell(write: Write): void {
    for (const listener of this.#listeners) listener(write);
  }
}

export function isIstioctlWrite(args: readonly string[]): boolean {
  return /^(install|uninstall|tag (set|remove))\b/.test(args.join(' ')) && !args.includes('--dry-run');
}

/** Requests that ask for a change: neither reviews of rights nor dry runs. */
export function isApiWrite({ method, path }: TransportRequest): boolean {
  return method !== 'GET' && !path.includes('dryRun=All') && !path.includes('/authorization.k8s.io/');
}

export function isOfLock({ path }: TransportRequest): boolean {
  return path.includes('/coordination.k8s.io/');
}

export function isWatch({ path }: TransportRequest): boolean {
  return path.includes('watch=1') || path.includes('watch=true');
}
