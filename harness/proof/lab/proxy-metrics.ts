import { Counter, Gauge, Registry } from 'prom-client';
import type { MeshProxy } from './mesh-proxy.ts';
import type { Report } from './traffic.ts';

const LABELS = [
  'reporter',
  'source_workload',
  'source_workload_namespace',
  'destination_workload',
  'destination_workload_namespace',
  'destination_service',
  'destination_service_name',
  'destination_service_namespace',
  'request_protocol',
  'response_code',
  'grpc_response_status',
  'response_flags',
  'connection_security_policy',
] as const;

/** What one proxy exports. Starts empty with its pod and ends with it; as with Envoy, a series exists from its first event on. */
export class ProxyMetrics {
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: 'istio_requests_total',
    help: 'requests_total',
    labelNames: LABELS,
    registers: [this.#registry],
  });

  constructor({ version }: Pick<MeshProxy, 'version'>) {
    const build = new Gauge({
      name: 'istio_build',
      help: 'Istio component build info',
      labelNames: ['component', 'tag'],
      registers: [this.#registry],
    });
    build.set({ component: 'proxy', tag: version }, 1);
  }

  count(report: Report): void {
    this.#requests.inc(labelsOf(report));
  }

  /** Prometheus' text format. */
  render(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }
}

function labelsOf({ reporter, source, destination, outcome }: Report) {
  const { workload, namespace, protocol } = destination;
  return {
    reporter,
    source_workload: source?.workload ?? 'unknown',
    source_workload_namespace: source?.namespace ?? 'unknown',
    destination_workload: workload,
    destination_workload_namespace: namespace,
    destination_service: `${workload}.${namespace}.svc.cluster.local`,
    destination_service_name: workload,
    destination_service_namespace: namespace,
    request_protocol: protocol,
    ...statusOf(protocol, outcome),
    // UF: upstream connection failure.
    response_flags: outcome === 'failed at source' ? 'UF' : '-',
    // The client's proxy cannot know it.
    connection_security_policy: reporter === 'source' ? 'unknown' : source ? 'mutual_tls' : 'none',
  };
}

/** A gRPC server that fails says HTTP 200; its own status tells (14: UNAVAILABLE). A request that never reached it has a real 503. */
function statusOf(protocol: MeshProxy['protocol'], outcome: Report['outcome']) {
  if (outcome === 'failed at source')
    return { response_code: '503', ...(protocol === 'grpc' && { grpc_response_status: '14' }) };
  if (protocol === 'grpc') return { response_code: '200', grpc_response_status: outcome === 'served' ? '0' : '14' };
  return { response_code: outcome === 'served' ? '200' : '503' };
}
