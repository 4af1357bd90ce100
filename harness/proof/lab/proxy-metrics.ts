import { Counter, Gauge, Histogram, Registry } from 'prom-client';
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

/** Envoy's defaults, in milliseconds. */
const BUCKETS = [0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000];

/** What one proxy exports. Starts empty with its pod and ends with it; as with Envoy, a series exists from its first event on. */
export class ProxyMetrics {
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: 'istio_requests_total',
    help: 'requests_total',
    labelNames: LABELS,
    registers: [this.#registry],
  });

  readonly #durations = new Histogram({
    name: 'istio_request_duration_milliseconds',
    help: 'request_duration_milliseconds',
    labelNames: LABELS,
    buckets: BUCKETS,
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
    const labels = labelsOf(report);
    this.#requests.inc(labels);
    this.#durations.observe(labels, report.durationMs);
  }

  /** Prometheus' text format. */
  render(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }
}

function labelsOf({ reporter, source, destination, outcome, status }: Report) {
  const { workload, namespace, protocol } = destination;
  const host = `${workload}.${namespace}.svc.cluster.local`;
  return {
    reporter,
    source_workload: source?.workload ?? 'unknown',
    source_workload_namespace: source?.namespace ?? 'unknown',
    ...(outcome === 'no route'
      ? withoutRoute(source?.kind === 'router' ? 'unknown' : host)
      : {
          destination_workload: workload,
          destination_workload_namespace: namespace,
          destination_service: host,
          destination_service_name: workload,
          destination_service_namespace: namespace,
        }),
    request_protocol: protocol,
    ...statusOf(protocol, outcome, status),
    response_flags: flags[outcome],
    // The client's proxy cannot know it.
    connection_security_policy: reporter === 'source' ? 'unknown' : source ? 'mutual_tls' : 'none',
  };
}

/** UF: upstream connection failure. NR: no route. */
const flags: Readonly<Record<Report['outcome'], string>> = {
  served: '-',
  'failed at destination': '-',
  'failed at source': 'UF',
  'no route': 'NR',
};

/** A sidecar names the host that was asked for; a gateway names nothing. */
const withoutRoute = (asked: string) => ({
  destination_workload: 'unknown',
  destination_workload_namespace: 'unknown',
  destination_service: asked,
  destination_service_name: asked,
  destination_service_namespace: 'unknown',
});

/** A gRPC server that fails says HTTP 200; its own status tells (14: UNAVAILABLE). A request that never reached it has a real 503. */
function statusOf(protocol: MeshProxy['protocol'], outcome: Report['outcome'], status: number) {
  if (outcome === 'no route')
    return { response_code: '404', ...(protocol === 'grpc' && { grpc_response_status: '12' }) };
  if (outcome === 'failed at source')
    return { response_code: '503', ...(protocol === 'grpc' && { grpc_response_status: '14' }) };
  if (protocol === 'grpc') return { response_code: '200', grpc_response_status: outcome === 'served' ? '0' : '14' };
  return { response_code: outcome === 'served' ? '200' : String(status) };
}
