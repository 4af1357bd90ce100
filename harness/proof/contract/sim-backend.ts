import type { TransportRequest } from '../../../src/kubernetes/transport.ts';
import { Sim } from '../../rehearsal/sim/create-sim.ts';
import { type ContractBackend, openWatch, parseBody } from './backend.ts';

/** A body that does not end by then is a watch that should have been refused. */
const AnswerMs = 60_000;

/** A simulated cluster without a mesh. */
export const simBackend = ({ seed = 1 }: { seed?: number } = {}): ContractBackend =>
  simBackendOver(new Sim({ seed, user: 'nobody' }));

/** That cluster, whose time passes only while a request or a sleep waits for it. */
export function simBackendOver(sim: Sim): ContractBackend {
  const request = (
    method: TransportRequest['method'],
    path: string,
    body: string | undefined,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ) => sim.transport.send({ method, path, headers, signal, ...(body === undefined ? {} : { body }) });
  return {
    name: 'sim',
    async send(method, path, body, headers) {
      // The simulator knows one user; who impersonates one without rights is that user without rights.
      if ('impersonate-user' in headers) sim.transport.access.deny({});
      try {
        const response = await sim.run(request(method, path, body, headers, new AbortController().signal));
        const answer = parseBody(await sim.run(response.text(), { limitMs: AnswerMs }));
        return { status: response.status, headers: response.headers, body: answer };
      } finally {
        sim.transport.access.allowEverything();
      }
    },
    watch: (path, headers) => openWatch((signal) => sim.run(request('GET', path, undefined, headers, signal))),
    sleep: (ms) => sim.advance(ms),
    now: () => sim.clock.now(),
    async compact() {
      sim.store.compact();
      sim.transport.lists.expirePages();
    },
    untilUsable: async () => undefined,
    close: async () => undefined,
  };
}
