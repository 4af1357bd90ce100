import type { Traffic } from '../model/evidence.ts';
import type { Series } from '../ports/prometheus.ts';
import { plausibleRatios } from './wilson.ts';

/** gRPC codes that blame the server or the way to it, not the caller: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
const grpcFailures = new Set(['2', '4', '12', '13', '14', '15']);

/** Whether a series of `istio_requests_total` counts failures. gRPC failures are HTTP 200; a client that hung up (`DC`) is not a failure. */
export function isFailure(labels: Readonly<Record<string, string>>): boolean {
  const code = labels['response_code'] ?? '';
  const flags = (labels['response_flags'] ?? '').split(',');
  if (flags.includes('DC')) return false;
  return code.startsWith('5') || code === '0' || grpcFailures.has(labels['grpc_response_status'] ?? '');
}

type Labels = Readonly<Record<string, string>>;

/** Raw counters at two moments. */
export interface Readings {
  before: readonly Series[];
  after: readonly Series[];
}

export interface Counting {
  /** `namespace/pod` of a series. */
  podOf: (labels: Labels) => string;
  /** Pods known to have been created after the first reading. */
  created: ReadonlySet<string>;
  /** Which pods count; all when left out. */
  wanted?: ReadonlySet<string>;
}

/**
 * Increments between two readings of raw counters, by our own subtraction: `rate` and `increase` cannot count the first
 * value of a new series, and after a restart every series is new (prometheus/prometheus#3886).
 * A series that is only in the second reading began at zero, if its pod was created since or was scraped before. Of any other
 * pod it is unknown when it counted; such a series is left out. A counter that fell was reset by a restart.
 */
export function countTraffic(readings: Readings, counting: Counting): Traffic {
  const pods = [...countByPod(readings, counting)].map(([pod, sum]) => ({ pod, ...sum }));
  return {
    requests: pods.reduce((sum, { requests }) => sum + requests, 0),
    errors: pods.reduce((sum, { errors }) => sum + errors, 0),
    worst: pods
      .filter(({ errors }) => errors > 0)
      .sort((a, b) => b.errors - a.errors)
      .slice(0, 5),
    namespaces: [...byNamespace(pods)]
      .filter(([, { errors }]) => errors > 0)
      .map(([namespace, sum]) => ({ namespace, ...sum, before: { requests: 0, errors: 0 } }))
      .sort((a, b) => plausibleRatios(b, 3).least - plausibleRatios(a, 3).least)
      .slice(0, 5),
  };
}

/** Adds to the namespaces of a count what they did between two moments before their wave. */
export function withBefore(traffic: Traffic, readings: Readings, podOf: Counting['podOf']): Traffic {
  const pods = [...countByPod(readings, { podOf, created: new Set() })].map(([pod, sum]) => ({ pod, ...sum }));
  const sums = byNamespace(pods);
  return {
    ...traffic,
    namespaces: traffic.namespaces.map((each) => ({ ...each, before: sums.get(each.namespace) ?? each.before })),
  };
}

interface Sum {
  requests: number;
  errors: number;
}

function countByPod(readings: Readings, counting: Counting): ReadonlyMap<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const { pod, labels, requests } of incrementsOf(readings, counting))
    add(sums, pod, { requests, errors: isFailure(labels) ? requests : 0 });
  return sums;
}

/** Series by series, by the rules of `countTraffic`. */
export function* incrementsOf(
  { before, after }: Readings,
  { podOf, created, wanted }: Counting,
): Generator<{ pod: string; labels: Labels; requests: number }> {
  const earlier = valuesOf(before);
  const known = new Set(before.map(({ labels }) => podOf(labels)));
  for (const series of after) {
    const { labels } = series;
    const pod = podOf(labels);
    if (wanted !== undefined && !wanted.has(pod)) continue;
    if (!known.has(pod) && !created.has(pod)) continue;
    yield { pod, labels, requests: incrementOf(series, earlier) };
  }
}

function byNamespace(pods: readonly (Sum & { pod: string })[]): ReadonlyMap<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const { pod, ...sum } of pods) add(sums, pod.slice(0, pod.indexOf('/')), sum);
  return sums;
}

function add(sums: Map<string, Sum>, key: string, { requests, errors }: Sum): void {
  const sum = sums.get(key);
  if (sum === undefined) sums.set(key, { requests, errors });
  else {
    sum.requests += requests;
    sum.errors += errors;
  }
}

/** The same for counters of the new istiod, which is as young as the upgrade. */
export function countIncrements({ before, after }: Readings): number {
  const earlier = valuesOf(before);
  return after.reduce((sum, series) => sum + incrementOf(series, earlier), 0);
}

const valuesOf = (series: readonly Series[]) => new Map(series.map(({ labels, value }) => [keyOf(labels), value]));

function incrementOf({ labels, value }: Series, earlier: ReadonlyMap<string, number>): number {
  const was = earlier.get(keyOf(labels)) ?? 0;
  return value < was ? value : value - was;
}

/** The identity of a label set, whatever its order. Backends answer in order, so that most need no sorting. */
function keyOf(labels: Labels): string {
  let key = '';
  let last = '';
  for (const name in labels) {
    if (name < last) return sortedKeyOf(labels);
    last = name;
    key += `${name}=${labels[name]},`;
  }
  return key;
}

const sortedKeyOf = (labels: Labels): string =>
  Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value},`)
    .join('');
