import type { Transport, TransportRequest, TransportResponse } from '../../../../src/kubernetes/transport.ts';
import type { Random } from '../random.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import { Access } from './access.ts';
import { reviewAccess } from './access-review.ts';
import { discover } from './discovery.ts';
import { formOf } from './form.ts';
import { Lister } from './list.ts';
import type { Registry } from './registry.ts';
import { handleResource } from './resource-handler.ts';
import { type Answer, answer, jsonResponse, streamResponse } from './response.ts';
import { type Route, route } from './route.ts';
import { ServiceProxy } from './service-proxy.ts';
import { resourceNotFound, StatusFailure } from './status-failure.ts';
import { Watches } from './watch.ts';

/** What a test makes of a request instead of the truth. */
export type Intercepted =
  | { status: number; body: string; headers?: Record<string, string>; afterMs?: number }
  /** Done, but the answer never arrives: the client cannot know. */
  | 'timeout-after-commit'
  /** Never reached the server, and the client cannot know that either. */
  | 'timeout-before-commit'
  | 'refused';

export type Intercept = (request: TransportRequest) => Intercepted | undefined;

export interface ApiServerOptions {
  /** For example `1.36.3`. */
  version: string;
  user: string;
}

/** How long an unanswered request keeps its client waiting: the timeout of the client's own connection. */
const NetworkTimeoutMs = 30_000;
const LatencyMs = { least: 1, most: 4 };

/** The Kubernetes API in process: what a real server would answer, a few virtual milliseconds later. */
export class ApiServer implements Transport {
  readonly access: Access;
  readonly services: ServiceProxy;
  readonly watches: Watches;
  readonly lists: Lister;
  /** For tests: asked first about every request, newest interceptor first. */
  readonly interceptors: Intercept[] = [];
  readonly #registry: Registry;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #version: string;

  constructor(registry: Registry, clock: VirtualClock, random: Random, { version, user }: ApiServerOptions) {
    this.#registry = registry;
    this.#clock = clock;
    this.#random = random;
    this.#version = version;
    this.access = new Access(user);
    this.services = new ServiceProxy(registry);
    this.watches = new Watches(registry.store, clock, random);
    this.lists = new Lister(registry.store, clock);
  }

  async send(request: TransportRequest): Promise<TransportResponse> {
    await this.#clock.sleep(this.#latencyMs(), request.signal);
    const intercepted = this.interceptors
      .toReversed()
      .reduce<Intercepted | undefined>((found, intercept) => found ?? intercept(request), undefined);
    if (intercepted === 'refused') throw networkError('ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.1:6443');
    if (intercepted === 'timeout-before-commit') return this.#timeOut(request);
    if (typeof intercepted === 'object') return this.#respond(request, this.#staged(intercepted));
    const result = this.#handle(request);
    if (intercepted === 'timeout-after-commit') return this.#timeOut(request);
    return this.#respond(request, result);
  }

  #handle(request: TransportRequest): Answer {
    try {
      return this.#dispatch(request, new URL(request.path, 'https://kubernetes.default.svc'));
    } catch (error) {
      if (!(error instanceof StatusFailure)) throw error;
      return { ...answer(error.status.code, JSON.stringify(error.status)), afterMs: error.afterMs };
    }
  }

  #dispatch(request: TransportRequest, url: URL): Answer {
    if (request.headers['content-type']?.startsWith('application/vnd.kubernetes.protobuf')) {
      throw new StatusFailure(415, 'UnsupportedMediaType', 'not simulated: protobuf');
    }
    const found: Route = route(this.#registry.catalog, url);
    switch (found.to) {
      case 'version':
        return answer(200, JSON.stringify(versionInfo(this.#version)));
      case 'health':
        return answer(200, 'ok', 'text/plain; charset=utf-8');
      case 'discovery': {
        const known = discover(this.#registry.catalog, found.parts);
        return known === undefined ? pageNotFound() : answer(200, JSON.stringify(known));
      }
      case 'unknown':
        if (found.isServedVersion) throw resourceNotFound();
        return pageNotFound();
      case 'access-review':
        return answer(201, JSON.stringify(reviewAccess(this.access, request.body ?? '')));
      case 'service-proxy':
        return this.#proxy(request, found);
      case 'resource': {
        const { watches, lists, access } = this;
        const context = { registry: this.#registry, watches, lists, access };
        return handleResource(context, found, {
          request,
          query: url.searchParams,
          form: formOf(request.headers['accept'], url.searchParams, this.#clock.now()),
        });
      }
    }
  }

  #proxy(
    request: TransportRequest,
    { namespace, service, port, path }: Extract<Route, { to: 'service-proxy' }>,
  ): Answer {
    const { method, headers, body } = request;
    const verb = method === 'GET' ? 'get' : 'create';
    this.access.expect({ verb, group: '', resource: 'services', subresource: 'proxy', namespace, name: service });
    const proxied = this.services.call(namespace, service, {
      method,
      path,
      port,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    return {
      status: proxied.status,
      headers: { 'content-type': 'application/json', ...proxied.headers },
      body: proxied.body,
      afterMs: proxied.afterMs ?? 0,
    };
  }

  #staged({ status, body, headers = {}, afterMs = 0 }: Exclude<Intercepted, string>): Answer {
    return { status, headers: { 'content-type': 'application/json', ...headers }, body, afterMs };
  }

  async #respond({ signal }: TransportRequest, { status, headers, body, afterMs }: Answer): Promise<TransportResponse> {
    await this.#clock.sleep(this.#latencyMs() + afterMs, signal);
    const dated = { ...headers, date: new Date(this.#clock.now()).toUTCString() };
    return typeof body === 'string' ? jsonResponse(status, dated, body) : streamResponse(status, dated, body);
  }

  async #timeOut({ signal }: TransportRequest): Promise<never> {
    await this.#clock.sleep(NetworkTimeoutMs, signal);
    throw networkError('UND_ERR_HEADERS_TIMEOUT', 'Headers Timeout Error');
  }

  #latencyMs(): number {
    return this.#random.between(LatencyMs.least, LatencyMs.most);
  }
}

function pageNotFound(): Answer {
  return answer(404, '404 page not found\n', 'text/plain; charset=utf-8');
}

function versionInfo(version: string): object {
  const [major = '', minor = ''] = version.split('.');
  return {
    major,
    minor,
    gitVersion: `v${version}`,
    gitTreeState: 'clean',
    goVersion: 'go1.26.1',
    compiler: 'gc',
    platform: 'linux/amd64',
  };
}

function networkError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
