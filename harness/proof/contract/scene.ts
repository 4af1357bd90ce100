import type { TransportRequest } from '../../../src/kubernetes/transport.ts';
import type { Answer, ContractBackend, WatchEvent, Watching } from './backend.ts';
import { at } from './observation.ts';

type Method = TransportRequest['method'];

export const PatchTypes = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

export interface AskOptions {
  type?: string;
  accept?: string;
  agent?: string;
  headers?: Readonly<Record<string, string>>;
}

const Roots: Readonly<Record<string, string>> = {
  configmaps: '/api/v1',
  pods: '/api/v1',
  services: '/api/v1',
  deployments: '/apis/apps/v1',
  replicasets: '/apis/apps/v1',
  statefulsets: '/apis/apps/v1',
  daemonsets: '/apis/apps/v1',
  leases: '/apis/coordination.k8s.io/v1',
  poddisruptionbudgets: '/apis/policy/v1',
};

const WaitMs = 30_000;
const PollMs = 25;

/** One case's own namespace, and the ways to ask. Every request counts as the manager `contract`. */
export class Scene {
  readonly ns: string;
  readonly backend: ContractBackend;
  /** What stands for what in the observation. */
  readonly words = new Map<string, string>();
  readonly #cleanups: string[] = [];
  readonly #watches: Watching[] = [];

  constructor(backend: ContractBackend, ns: string) {
    this.backend = backend;
    this.ns = ns;
    this.words.set(ns, '<ns>');
  }

  /** The path of a resource of the case's namespace, for example `configmaps/a?dryRun=All`. */
  in(resource: string): string {
    const [plural = ''] = resource.split(/[/?]/);
    const root = Roots[plural];
    if (!root) throw new Error(`no path is known for ${plural}`);
    return `${root}/namespaces/${this.ns}/${resource}`;
  }

  async ask(method: Method, path: string, body?: unknown, options: AskOptions = {}): Promise<Answer> {
    const { type = 'application/json', accept = 'application/json', agent = 'contract/1', headers = {} } = options;
    const full = path.startsWith('/') ? path : this.in(path);
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    return this.backend.send(method, full, text, {
      accept,
      'user-agent': agent,
      ...(text === undefined ? {} : { 'content-type': type }),
      ...headers,
    });
  }

  get = (path: string, options?: AskOptions) => this.ask('GET', path, undefined, options);
  put = (path: string, body: unknown, options?: AskOptions) => this.ask('PUT', path, body, options);
  remove = (path: string, body?: unknown) => this.ask('DELETE', path, body);
  post = (path: string, body: unknown, options?: AskOptions) => this.ask('POST', path, body, options);

  patch(kind: keyof typeof PatchTypes, path: string, body: unknown, options: AskOptions = {}): Promise<Answer> {
    return this.ask('PATCH', path, body, { ...options, type: PatchTypes[kind] });
  }

  /** Server-side apply as `manager`. */
  apply(path: string, manager: string, body: unknown, { force = false } = {}): Promise<Answer> {
    return this.patch('apply', `${path}?fieldManager=${manager}&force=${force}`, body);
  }

  /** A create that the case builds upon. */
  async given(path: string, body: unknown): Promise<unknown> {
    const { status, body: created } = await this.post(path, body);
    if (status !== 201) throw new Error(`the case cannot begin: POST ${path}: ${status} ${JSON.stringify(created)}`);
    return created;
  }

  async watch(path: string, options: AskOptions = {}): Promise<Watching> {
    const full = path.startsWith('/') ? path : this.in(path);
    const watching = await this.backend.watch(full, { accept: options.accept ?? 'application/json' });
    this.#watches.push(watching);
    return watching;
  }

  /** Lets time pass until it is true; after 30 seconds of the backend's time the case fails. */
  async until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = this.backend.now() + WaitMs;
    while (!(await isTrue())) {
      if (this.backend.now() > deadline) throw new Error(`waited 30 s for ${what}`);
      await this.backend.sleep(PollMs);
    }
  }

  /** The object as it is when it is so. */
  async untilObject(path: string, isSo: (object: unknown) => boolean): Promise<unknown> {
    let last: Answer | undefined;
    await this.until(`${path}: last ${path}`, async () => {
      last = await this.get(path);
      return isSo(last.body);
    });
    return last?.body;
  }

  /** So many events, or the end of the watch. */
  async events(watching: Watching, count: number): Promise<readonly WatchEvent[]> {
    await this.until(`${count} events`, () => watching.events.length >= count || watching.hasEnded());
    return watching.events;
  }

  /** Removed after the case: what does not lie in its namespace. */
  cleanUp(path: string): void {
    this.#cleanups.push(path);
  }

  async end(): Promise<void> {
    for (const watching of this.#watches) watching.close();
    for (const path of this.#cleanups) await this.ask('DELETE', path);
  }
}

/** Status code, and of a refusal all that it says; of an object the fields that were asked for. */
export function outcome({ status, body }: Answer, ...fields: readonly string[]): object {
  if (at(body, 'kind') !== 'Status')
    return { status, ...(typeof body === 'string' ? { text: body } : {}), ...pick(body, fields) };
  const { message, reason, details, code } = body as Record<string, unknown>;
  return { status, message, reason, details, code };
}

export function pick(value: unknown, fields: readonly string[]): object {
  return Object.fromEntries(fields.map((field) => [field, at(value, field)]));
}

export const names = ({ body }: Answer): unknown[] =>
  (at(body, 'items') as unknown[]).map((item) => at(item, 'metadata/name'));
