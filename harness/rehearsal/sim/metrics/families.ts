import { connectionCounters } from './connection-series.ts';
import type { Connections } from './connections.ts';
import type { DurationPart } from './duration-histogram.ts';
import type { Series } from './exported-series.ts';
import type { Life, Lives } from './lives.ts';
import { requestCounters, requestDurations } from './request-series.ts';
import type { Labels } from './sample-store.ts';
import type { Traffic } from './traffic.ts';

/** What the metric families are computed from. */
export interface Facts {
  lives: Lives;
  traffic: Traffic;
  injections: readonly { revision: string; at: number; succeeded: boolean }[];
}

/** The series of one metric that a target has shown until now. */
type Export = (facts: Facts, life: Life) => readonly Series[];

interface Family {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  series: Export;
  /** The series are as they were until this number changes; left out, a target has the same ones for ever. */
  changes?: (facts: Facts) => number;
}

const changesOfTraffic = ({ traffic }: Facts) => traffic.changes;

const onProxy =
  (series: Export): Export =>
  (facts, life) =>
    life.role === 'proxy' ? series(facts, life) : [];
const onIstiod =
  (series: Export): Export =>
  (facts, life) =>
    life.role === 'istiod' ? series(facts, life) : [];

/** A counter without labels of its own. */
const counter = (value: (at: number) => number): Series[] => [{ labels: {}, valueAt: (at) => value(at) || undefined }];
const constant = (labels: Labels): Series[] => [{ labels, valueAt: () => 1 }];

const duration = (part: DurationPart): Family => ({
  type: 'histogram',
  help: 'istio_request_duration_milliseconds',
  series: onProxy(({ traffic }, life) => requestDurations(part, traffic, life)),
  changes: changesOfTraffic,
});

const connections = (help: string, until: (connections: Connections, at: number) => number): Family => ({
  type: 'counter',
  help,
  series: onProxy(({ traffic }, life) => connectionCounters(traffic, life, until)),
  changes: changesOfTraffic,
});
const opened = ({ openedUntil }: Connections, at: number) => openedUntil(at);
/** So much more a server sends than it receives. */
const SentByReceived = 4;

const injections = (help: string, succeeded?: boolean): Family => ({
  type: 'counter',
  help,
  series: onIstiod((facts, life) => counter((at) => injected(facts, life, at, succeeded))),
});

/** By name, which for a histogram is that of each of its parts. `up` is what scraping itself says. */
export const Families: Readonly<Record<string, Family>> = {
  up: { type: 'gauge', help: 'Whether the last scrape succeeded.', series: () => constant({}) },
  istio_requests_total: {
    type: 'counter',
    help: 'istio_requests_total',
    series: onProxy(({ traffic }, life) => requestCounters(traffic, life)),
    changes: changesOfTraffic,
  },
  istio_request_duration_milliseconds_bucket: duration('bucket'),
  istio_request_duration_milliseconds_sum: duration('sum'),
  istio_request_duration_milliseconds_count: duration('count'),
  istio_tcp_connections_opened_total: connections('istio_tcp_connections_opened_total', opened),
  istio_tcp_connections_closed_total: connections('istio_tcp_connections_closed_total', opened),
  istio_tcp_sent_bytes_total: connections('istio_tcp_sent_bytes_total', ({ bytesUntil }, at) => bytesUntil(at)),
  istio_tcp_received_bytes_total: connections(
    'istio_tcp_received_bytes_total',
    ({ bytesUntil }, at) => bytesUntil(at) / SentByReceived,
  ),
  istio_build: {
    type: 'gauge',
    help: 'Istio component build info',
    series: (_, { role, version }) => constant({ component: role === 'proxy' ? 'proxy' : 'pilot', tag: version }),
  },
  pilot_info: {
    type: 'gauge',
    help: 'Pilot version and build information.',
    series: onIstiod((_, { version }) => constant({ version: `${version}-simulated-Clean` })),
  },
  pilot_xds: {
    type: 'gauge',
    help: 'Number of endpoints connected to this pilot using XDS.',
    series: onIstiod(({ lives }, istiod) => {
      const { revision, version: own } = istiod;
      const ofRevision = (from: number, to: number) =>
        lives.between(from, to).filter((life) => life.revision === revision);
      const connected = (at: number, version: string) => {
        const running = ofRevision(at, at);
        const istiods = running.filter(({ role }) => role === 'istiod').length;
        const proxies = running.filter((life) => life.role === 'proxy' && life.version === version).length;
        return proxies / Math.max(1, istiods);
      };
      const versions = new Set([own, ...ofRevision(istiod.from, lives.now()).map(({ version }) => version)]);
      return [...versions].map((version) => ({
        labels: { version },
        // The series of a version stays with zero after its last proxy has gone: 44-uninstall-without-y.
        valueAt: (at) => connected(at, version) || (version === own ? 0 : undefined),
      }));
    }),
    changes: ({ lives }) => lives.changes,
  },
  pilot_total_xds_rejects: {
    type: 'counter',
    help: 'Total number of XDS responses from pilot rejected by proxy.',
    series: onIstiod(({ traffic }, life) => {
      const own = traffic.rejects.filter(({ revision, at }) => revision === life.revision && at >= life.from);
      return [...new Set(own.map(({ type }) => type))].map((type) => ({
        labels: { type },
        valueAt: (moment) =>
          own.filter((each) => each.type === type && each.at <= moment).reduce((sum, { count }) => sum + count, 0) ||
          undefined,
      }));
    }),
    changes: ({ traffic }) => traffic.rejects.length,
  },
  sidecar_injection_requests_total: injections('Total number of sidecar injection requests.'),
  sidecar_injection_success_total: injections('Total number of successful sidecar injection requests.', true),
  sidecar_injection_failure_total: injections('Total number of failed sidecar injection requests.', false),
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

function injected({ injections }: Facts, { revision, from }: Life, at: number, succeeded?: boolean): number {
  return injections.filter(
    (injection) =>
      injection.revision === revision &&
      injection.at >= from &&
      injection.at <= at &&
      (succeeded === undefined || injection.succeeded === succeeded),
  ).length;
}
