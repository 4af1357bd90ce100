import type { Life, Lives } from './lives.ts';
import type { Traffic } from './traffic.ts';

export type Labels = Readonly<Record<string, string>>;

export interface Exported {
  labels: Labels;
  value: number;
}

/** What the metric families are computed from. */
export interface Facts {
  lives: Lives;
  traffic: Traffic;
  injections: readonly { revision: string; at: number; succeeded: boolean }[];
}

/** One metric: what a target says when it is scraped at a moment. Absent before its first event, as the real ones are. */
type Family = (facts: Facts, life: Life, at: number) => Exported[];

const onProxy =
  (family: Family): Family =>
  (facts, life, at) =>
    life.role === 'proxy' ? family(facts, life, at) : [];
const onIstiod =
  (family: Family): Family =>
  (facts, life, at) =>
    life.role === 'istiod' ? family(facts, life, at) : [];

const countIf = (value: number, labels: Labels = {}): Exported[] => (value > 0 ? [{ labels, value }] : []);

export const Families: Readonly<Record<string, Family>> = {
  up: () => [{ labels: {}, value: 1 }],
  istio_requests_total: onProxy(({ traffic }, life, at) =>
    traffic.countsOf(life, at).flatMap(({ responseCode, grpcStatus, count }) =>
      reportersOf(life).map((reporter) => ({
        labels: {
          ...requestLabels(life, reporter),
          response_code: responseCode,
          request_protocol: grpcStatus === undefined ? 'http' : 'grpc',
          ...(grpcStatus === undefined ? {} : { grpc_response_status: grpcStatus }),
        },
        value: count,
      })),
    ),
  ),
  istio_build: (_, { role, version }) => [
    { labels: { component: role === 'proxy' ? 'proxy' : 'pilot', tag: version }, value: 1 },
  ],
  pilot_info: onIstiod((_, { version }) => [{ labels: { version: `${version}-simulated-Clean` }, value: 1 }]),
  pilot_xds: onIstiod(({ lives }, istiod, at) => {
    const proxies = lives
      .between(at, at)
      .filter(({ role, revision }) => role === 'proxy' && revision === istiod.revision);
    const istiods = lives
      .between(at, at)
      .filter(({ role, revision }) => role === 'istiod' && revision === istiod.revision);
    const versions = new Map<string, number>();
    for (const { version } of proxies)
      versions.set(version, (versions.get(version) ?? 0) + 1 / Math.max(1, istiods.length));
    // The series of a version stays with zero after its last proxy has gone: 44-uninstall-without-y.
    if (!versions.has(istiod.version)) versions.set(istiod.version, 0);
    return [...versions].map(([version, value]) => ({ labels: { version }, value }));
  }),
  pilot_total_xds_rejects: onIstiod(({ traffic }, life, at) => {
    const totals = new Map<string, number>();
    for (const { revision, type, count, at: when } of traffic.rejects) {
      if (revision === life.revision && when >= life.from && when <= at)
        totals.set(type, (totals.get(type) ?? 0) + count);
    }
    return [...totals].map(([type, value]) => ({ labels: { type }, value }));
  }),
  sidecar_injection_requests_total: onIstiod((facts, life, at) => countIf(injected(facts, life, at))),
  sidecar_injection_success_total: onIstiod((facts, life, at) => countIf(injected(facts, life, at, true))),
  sidecar_injection_failure_total: onIstiod((facts, life, at) => countIf(injected(facts, life, at, false))),
};

/** Labels that scraping adds to all of a target's series. */
export function targetLabels({ role, pod, namespace, ip, revision }: Life): Labels {
  return role === 'proxy'
    ? { job: 'envoy-stats', instance: `${ip}:15020`, namespace, pod }
    : { job: 'istiod', app: 'istiod', instance: `${ip}:15014`, istio_io_rev: revision, namespace, pod };
}

/** A workload's proxy reports what it serves and what it asks for; a gateway only the latter. */
function reportersOf({ isGateway }: Life): readonly ('source' | 'destination')[] {
  return isGateway ? ['source'] : ['source', 'destination'];
}

function requestLabels(life: Life, reporter: 'source' | 'destination'): Labels {
  const { workload, namespace } = life;
  const self = { workload, namespace };
  const peer = { workload: 'client', namespace };
  const [source, destination] = reporter === 'source' ? [self, { ...peer, workload }] : [peer, self];
  return {
    reporter,
    source_workload: source.workload,
    source_workload_namespace: source.namespace,
    destination_workload: destination.workload,
    destination_workload_namespace: destination.namespace,
    destination_service: `${destination.workload}.${destination.namespace}.svc.cluster.local`,
    destination_service_name: destination.workload,
    destination_service_namespace: destination.namespace,
    destination_canonical_service: destination.workload,
    destination_canonical_revision: 'latest',
    response_flags: '-',
    connection_security_policy: reporter === 'destination' ? 'mutual_tls' : 'unknown',
  };
}

function injected({ injections }: Facts, { revision, from }: Life, at: number, succeeded?: boolean): number {
  return injections.filter(
    (injection) =>
      injection.revision === revision &&
      injection.at >= from &&
      injection.at <= at &&
      (succeeded === undefined || injection.succeeded === succeeded),
  ).length;
}
