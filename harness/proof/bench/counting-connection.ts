import type { ProcessRunner } from '../../../src/istioctl/process-runner.ts';
import type { Transport, TransportRequest, TransportResponse } from '../../../src/kubernetes/transport.ts';
import type { Sim } from '../../rehearsal/sim/create-sim.ts';
import type { Connection } from '../faults/contender.ts';

/** What a request is for. Leases and journals cost by the minute and by the wave, not by the workload. */
type Purpose = 'workloads' | 'journal' | 'lock' | 'prometheus' | 'lists and watches' | 'other';

/** Requests by `purpose verb`, for example `workloads patch`. */
export type RequestCounts = Record<string, number>;

/** A call of istioctl; virtual milliseconds. */
export interface IstioctlCall {
  command: string;
  from: number;
  to: number;
}

/** A way to the cluster that writes down what goes through it. */
export class CountingConnection implements Connection {
  readonly requests: RequestCounts = {};
  readonly calls: IstioctlCall[] = [];
  bytesSent = 0;
  bytesReceived = 0;
  readonly transport: Transport = { send: async (request) => await this.#send(request) };
  readonly #sim: Sim;

  constructor(sim: Sim) {
    this.#sim = sim;
  }

  istioctl(version: string): ProcessRunner {
    const process = this.#sim.istioctlProcess(version);
    return {
      run: async (args, options) => {
        const from = this.#sim.clock.now();
        const result = await process.run(args, options);
        this.calls.push({ command: args.join(' '), from, to: this.#sim.clock.now() });
        return result;
      },
    };
  }

  async #send(request: TransportRequest): Promise<TransportResponse> {
    const key = requestKey(request.path, verbOf(request));
    this.requests[key] = (this.requests[key] ?? 0) + 1;
    this.bytesSent += request.body === undefined ? 0 : Buffer.byteLength(request.body);
    const response = await this.#sim.transport.send(request);
    return {
      ...response,
      text: async () => {
        const text = await response.text();
        this.bytesReceived += Buffer.byteLength(text);
        return text;
      },
      chunks: () => this.#counted(response.chunks()),
    };
  }

  async *#counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.bytesReceived += chunk.byteLength;
      yield chunk;
    }
  }
}

const workloadPath = /^\/apis\/apps\/v1\/namespaces\/[^/]+\/(deployments|statefulsets|daemonsets)(\/|$)/;

/** @param verb as the API server names it, with `dry-run create` apart */
export const requestKey = (pathAndQuery: string, verb: string): string => `${purposeOf(pathAndQuery, verb)} ${verb}`;

function purposeOf(pathAndQuery: string, verb: string): Purpose {
  const [path = ''] = pathAndQuery.split('?');
  if (path.includes('/leases')) return 'lock';
  if (path.includes('/proxy/')) return 'prometheus';
  if (path.includes('/configmaps')) return 'journal';
  if (workloadPath.test(path) || /\/namespaces\/[^/]+\/pods(\/|$)/.test(path)) return 'workloads';
  return ['list', 'watch'].includes(verb) ? 'lists and watches' : 'other';
}

function verbOf({ method, path, body }: TransportRequest): string {
  if (method === 'POST') return path.includes('dryRun=All') ? 'dry-run create' : body === undefined ? 'post' : 'create';
  if (method !== 'GET') return method.toLowerCase().replace('put', 'update');
  const [resource = '', query = ''] = path.split('?');
  if (/(^|&)watch=(1|true)/.test(query)) return 'watch';
  return isCollection(resource) ? 'list' : 'get';
}

/** `/apis/GROUP/VERSION[/namespaces/N]/PLURAL`, without a name behind it. */
function isCollection(path: string): boolean {
  const parts = path.replace(/^\/(api\/[^/]+|apis\/[^/]+\/[^/]+)\//, '').split('/');
  return parts[0] === 'namespaces' ? parts.length === 1 || parts.length === 3 : parts.length === 1;
}
