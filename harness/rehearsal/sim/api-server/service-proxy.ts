import { EndpointSlices, Services } from '../../../../src/ports/kinds.ts';
import type { EndpointSlice, Service } from '../../../../src/ports/objects.ts';
import type { Registry } from './registry.ts';
import { notFound, serviceUnavailable } from './status-failure.ts';

export interface ProxiedRequest {
  method: string;
  /** Path and query below the service. */
  path: string;
  port: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
}

export interface ProxiedResponse {
  status: number;
  body: string;
  headers?: Readonly<Record<string, string>>;
  /** Virtual milliseconds until the answer. */
  afterMs?: number;
}

export type ServiceHandler = (request: ProxiedRequest) => ProxiedResponse;

/** What answers behind Services, for requests through the API server. */
export class ServiceProxy {
  readonly #registry: Registry;
  readonly #handlers = new Map<string, ServiceHandler>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  register(namespace: string, service: string, handler: ServiceHandler): void {
    this.#handlers.set(`${namespace}/${service}`, handler);
  }

  /** @throws StatusFailure NotFound without the Service, ServiceUnavailable without ready endpoints */
  call(namespace: string, service: string, request: ProxiedRequest): ProxiedResponse {
    const { store, catalog } = this.#registry;
    if (!store.get<Service>(Services, service, namespace)) throw notFound(catalog.resolve(Services), service);
    if (!hasReadyEndpoints(this.#registry, namespace, service)) {
      throw serviceUnavailable(`no endpoints available for service "${service}"`);
    }
    const handler = this.#handlers.get(`${namespace}/${service}`);
    if (!handler)
      throw serviceUnavailable(
        `error trying to reach service: dial tcp ${service}:${request.port}: connect: connection refused`,
      );
    return handler(request);
  }
}

function hasReadyEndpoints(registry: Registry, namespace: string, service: string): boolean {
  return registry.store
    .list<EndpointSlice>(EndpointSlices, namespace)
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service)
    .some(({ endpoints = [] }) => endpoints.some(({ conditions }) => conditions?.ready));
}
