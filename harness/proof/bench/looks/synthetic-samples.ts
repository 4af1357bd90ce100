import {
  type Labels,
  LookbackMs,
  type Matcher,
  type Point,
  type RawSeries,
  type SampleStore,
} from '../../../rehearsal/sim/metrics/sample-store.ts';

/** A pod that counts requests, Unix milliseconds. */
export interface CountingPod {
  namespace: string;
  name: string;
  workload: string;
  /** Whom it calls. */
  calls: { namespace: string; workload: string };
  version: string;
  from: number;
  until?: number;
  /** Whether it fails a few requests. */
  fails: boolean;
}

interface Counter {
  labels: Labels;
  perSecond: number;
}

interface Scraped extends Counter {
  pod: CountingPod;
  /** When in each interval it is scraped. */
  offsetMs: number;
}

const scrapeMs = 15_000;
/** Istio's own buckets, milliseconds. */
const bounds = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
  3_600_000,
];

/** The counters of many pods, with the labels that Istio gives them, each at a steady rate. Samples are computed when asked for. */
export class SyntheticSamples implements SampleStore {
  readonly #byName: ReadonlyMap<string, readonly Scraped[]>;
  /** A query of many moments asks for the same series at each. */
  readonly #matched = new Map<string, readonly Scraped[]>();

  constructor(pods: readonly CountingPod[], others: readonly Counter[], since: number) {
    const istiod = { namespace: 'istio-system', name: 'istiod', workload: 'istiod', version: '', from: since } as const;
    const of = (pod: CountingPod, index: number) =>
      countersOf(pod).map((counter) => ({ ...counter, pod, offsetMs: (index * 7_919) % scrapeMs }));
    const alone = others.map((counter) => ({
      ...counter,
      pod: { ...istiod, calls: istiod, fails: false },
      offsetMs: 0,
    }));
    this.#byName = Map.groupBy([...pods.flatMap(of), ...alone], ({ labels }) => labels['__name__'] ?? '');
  }

  range(matchers: readonly Matcher[], from: number, to: number): RawSeries[] {
    return this.#matching(matchers).flatMap((scraped) => {
      const points = pointsOf(scraped, from, to);
      return points.length === 0 ? [] : [{ labels: scraped.labels, points }];
    });
  }

  latest(matchers: readonly Matcher[], at: number): RawSeries[] {
    return this.#matching(matchers).flatMap((scraped) => {
      const { pod, labels } = scraped;
      // Prometheus writes down at once that a target is gone.
      if (pod.until !== undefined && pod.until <= at) return [];
      const last = lastScrape(scraped, at);
      return last < pod.from || last <= at - LookbackMs ? [] : [{ labels, points: [pointAt(scraped, last)] }];
    });
  }

  #matching(matchers: readonly Matcher[]): readonly Scraped[] {
    const key = matchers.map(({ label, operator, wanted }) => label + operator + wanted).join();
    const known = this.#matched.get(key) ?? this.#search(matchers);
    this.#matched.set(key, known);
    return known;
  }

  #search(matchers: readonly Matcher[]): readonly Scraped[] {
    const remembered = matchers.map((matcher) => ({ ...matcher, matches: once(matcher.matches) }));
    const names = remembered.filter(({ label }) => label === '__name__');
    const rest = remembered.filter(({ label }) => label !== '__name__');
    return [...this.#byName]
      .filter(([name]) => names.every(({ matches }) => matches(name)))
      .flatMap(([, series]) =>
        series.filter(({ labels }) => rest.every(({ label, matches }) => matches(labels[label] ?? ''))),
      );
  }
}

/** An expression of a thousand names is matched once for each value. */
function once(matches: (value: string) => boolean): (value: string) => boolean {
  const known = new Map<string, boolean>();
  return (value) => {
    const result = known.get(value) ?? matches(value);
    known.set(value, result);
    return result;
  };
}

const lastScrape = ({ offsetMs }: Scraped, at: number) => Math.floor((at - offsetMs) / scrapeMs) * scrapeMs + offsetMs;

const pointAt = ({ labels, perSecond, pod }: Scraped, at: number): Point => ({
  at,
  value: labels['__name__'] === 'istio_build' ? 1 : Math.floor(((at - pod.from) * perSecond) / 1000),
});

function pointsOf(scraped: Scraped, from: number, to: number): readonly Point[] {
  const { from: begin, until = Number.POSITIVE_INFINITY } = scraped.pod;
  const last = Math.min(lastScrape(scraped, to), lastScrape(scraped, until));
  const points: Point[] = [];
  for (let at = lastScrape(scraped, Math.max(from, begin - 1)) + scrapeMs; at <= last; at += scrapeMs)
    points.push(pointAt(scraped, at));
  return points;
}

function countersOf(pod: CountingPod): readonly Counter[] {
  const { namespace, name, workload, calls, version, fails } = pod;
  const target = { namespace, pod: name, instance: `${name}:15020`, job: 'kubernetes-pods' };
  const protocol = { request_protocol: 'http', connection_security_policy: 'mutual_tls' };
  const asServer = {
    ...target,
    ...protocol,
    reporter: 'destination',
    source_workload: 'caller',
    source_workload_namespace: 'callers',
    destination_workload: workload,
    destination_workload_namespace: namespace,
    destination_service_name: workload,
    destination_service_namespace: namespace,
    destination_service: `${workload}.${namespace}.svc.cluster.local`,
  };
  const asClient = {
    ...target,
    ...protocol,
    reporter: 'source',
    source_workload: workload,
    source_workload_namespace: namespace,
    destination_workload: calls.workload,
    destination_workload_namespace: calls.namespace,
    destination_service_name: calls.workload,
    destination_service_namespace: calls.namespace,
    destination_service: `${calls.workload}.${calls.namespace}.svc.cluster.local`,
  };
  const ended = (labels: Labels, code: string, flags: string, perSecond: number): Counter => ({
    labels: { __name__: 'istio_requests_total', ...labels, response_code: code, response_flags: flags },
    perSecond,
  });
  const buckets = [...bounds.map((bound) => bound.toFixed(bound < 1 ? 1 : 0)), '+Inf'].map((le, index) => ({
    labels: { __name__: 'istio_request_duration_milliseconds_bucket', ...asServer, response_code: '200', le },
    perSecond: index < 4 ? 0.5 * (index + 1) : index < 10 ? 2.985 : 3,
  }));
  return [
    { labels: { __name__: 'istio_build', ...target, component: 'proxy', tag: version }, perSecond: 0 },
    ended(asServer, '200', '-', 3),
    ended(asServer, '404', '-', 0.1),
    ended(asClient, '200', '-', 3),
    ended(asClient, '404', '-', 0.1),
    ...(fails ? [ended(asServer, '503', '-', 0.01), ended(asClient, '503', 'UC', 0.01)] : []),
    ...buckets,
  ];
}
