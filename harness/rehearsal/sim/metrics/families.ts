import { type DurationPart, durationSeries } from './duration-histogram.ts';
import type { Life, Lives } from './lives.ts';
import type { Labels } from './sample-store.ts';
import type { RequestCount, Traffic } from './traffic.ts';

interface Exported {
  /** Of one target alone: no two share an object. */
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
type Series = (facts: Facts, life: Life, at: number) => Exported[];

interface Family {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  series: Series;
}

const onProxy =
  (series: Series): Series =>
  (facts, life, at) =>
    life.role === 'proxy' ? series(facts, life, at) : [];
const onIstiod =
  (series: Series): Series =>
  (facts, life, at) =>
    life.role === 'istiod' ? series(facts, life, at) : [];

const countIf = (value: number, labels: Labels = {}): Exported[] => (value > 0 ? [{ labels, value }] : []);

const duration = (part: DurationPart): Family => ({
  type: 'histogram',
  help: 'istio_request_duration_milliseconds',
  series: onProxy(({ traffic }, life, at) =>
    traffic
      .countsOf(life, at)
      .flatMap((count) => requestSeries(life, count).flatMap((labels) => durationSeries(part, labels, count))),
  ),
});

/** By name, which for a histogram is that of each of its parts. `up` is what scraping itself says. */
export const Families: Readonly<Record<string, Family>> = {
  up: { type: 'gauge', help: 'Whether the last scrape succeeded.', series: () => [{ labels: {}, value: 1 }] },
  istio_requests_total: {
    type: 'counter',
    help: 'istio_requests_total',
    series: onProxy(requestsAt),
  },
  istio_request_duration_milliseconds_bucket: duration('bucket'),
  istio_request_duration_milliseconds_sum: duration('sum'),
  istio_request_duration_milliseconds_count: duration('count'),
  istio_build: {
    type: 'gauge',
    help: 'Istio component build info',
    series: (_, { role, version }) => [
      { labels: { component: role === 'proxy' ? 'proxy' : 'pilot', tag: version }, value: 1 },
    ],
  },
  pilot_info: {
    type: 'gauge',
    help: 'Pilot version and build information.',
    series: onIstiod((_, { version }) => [{ labels: { version: `${version}-simulated-Clean` }, value: 1 }]),
  },
  pilot_xds: {
    type: 'gauge',
    help: 'Number of endpoints connected to this pilot using XDS.',
    series: onIstiod(({ lives }, istiod, at) => {
      const running = lives.between(at, at).filter(({ revision }) => revision === istiod.revision);
      const istiods = running.filter(({ role }) => role === 'istiod').length;
      const versions = new Map<string, number>();
      for (const { role, version } of running) {
        if (role === 'proxy') versions.set(version, (versions.get(version) ?? 0) + 1 / Math.max(1, istiods));
      }
      // The series of a version stays with zero after its last proxy has gone: 44-uninstall-without-y.
      if (!versions.has(istiod.version)) versions.set(istiod.version, 0);
      return [...versions].map(([version, value]) => ({ labels: { version }, value }));
    }),
  },
  pilot_total_xds_rejects: {
    type: 'counter',
    help: 'Total number of XDS responses from pilot rejected by proxy.',
    series: onIstiod(({ traffic }, life, at) => {
      const totals = new Map<string, number>();
      for (const { revision, type, count, at: when } of traffic.rejects) {
        if (revision === life.revision && when >= life.from && when <= at)
          totals.set(type, (totals.get(type) ?? 0) + count);
      }
      return [...totals].map(([type, value]) => ({ labels: { type }, value }));
    }),
  },
  sidecar_injection_requests_total: {
    type: 'counter',
    help: 'Total number of sidecar injection requests.',
    series: onIstiod((facts, life, at) => countIf(injected(facts, life, at))),
  },
  sidecar_injection_success_total: {
    type: 'counter',
    help: 'Total number of successful sidecar injection requests.',
    series: onIstiod((facts, life, at) => countIf(injected(facts, life, at, true))),
  },
  sidecar_injection_failure_total: {
    type: 'counter',
    help: 'Total number of failed sidecar injection requests.',
    series: onIstiod((facts, life, at) => countIf(injected(facts, life, at, false))),
  },
};

const targetLabelSets = new WeakMap<Life, Labels>();

/** Labels that scraping adds to all of a target's series. */
export function targetLabels(life: Life): Labels {
  const known = targetLabelSets.get(life);
  if (known !== undefined) return known;
  const { role, pod, namespace, ip, revision } = life;
  const labels: Labels =
    role === 'proxy'
      ? { job: 'envoy-stats', instance: `${ip}:15020`, namespace, pod }
      : { job: 'istiod', app: 'istiod', instance: `${ip}:15014`, istio_io_rev: revision, namespace, pod };
  targetLabelSets.set(life, labels);
  return labels;
}

/** A workload's proxy reports what it serves and what it asks for; a gateway only the latter. */
function reportersOf({ isGateway }: Life): readonly ('source' | 'destination')[] {
  return isGateway ? ['source'] : ['source', 'destination'];
}

const requestsOf = new WeakMap<Life, { at: number; exported: Exported[] }[]>();
/** One look asks about the beginning and the end of two windows. */
const requestsKept = 4;

/** What one scrape saw is asked for by several queries, and can never change. */
function requestsAt({ traffic }: Facts, life: Life, at: number): Exported[] {
  const kept = requestsOf.get(life) ?? [];
  const known = kept.find((each) => each.at === at);
  if (known !== undefined) return known.exported;
  const exported = traffic
    .countsOf(life, at)
    .flatMap((count) => requestSeries(life, count).map((labels) => ({ labels, value: count.count })));
  kept.unshift({ at, exported });
  kept.length = Math.min(kept.length, requestsKept);
  requestsOf.set(life, kept);
  return exported;
}

const requestLabelSets = new WeakMap<Life, Map<string, readonly Labels[]>>();

/** The same label sets whenever a proxy is asked: ten thousand of them are scraped at every look. */
function requestSeries(life: Life, count: RequestCount): readonly Labels[] {
  const ofLife = requestLabelSets.get(life) ?? new Map<string, readonly Labels[]>();
  requestLabelSets.set(life, ofLife);
  const kind = `${count.responseCode}/${count.grpcStatus ?? ''}`;
  const known = ofLife.get(kind);
  if (known !== undefined) return known;
  const made = labelSetsOf(life, count);
  ofLife.set(kind, made);
  return made;
}

function labelSetsOf(life: Life, { responseCode, grpcStatus }: RequestCount): readonly Labels[] {
  return reportersOf(life).map((reporter) => ({
    ...requestLabels(life, reporter),
    response_code: responseCode,
    request_protocol: grpcStatus === undefined ? 'http' : 'grpc',
    ...(grpcStatus === undefined ? {} : { grpc_response_status: grpcStatus }),
  }));
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
