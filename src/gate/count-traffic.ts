import type { Series } from '../prometheus/port.ts';
import type { Traffic } from './evidence.ts';

/** gRPC codes that speak of the server or the way to it, not of the caller: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
const grpcFailures = new Set(['2', '4', '12', '13', '14', '15']);

/** Whether a series of `istio_requests_total` counts failures. gRPC failures are HTTP 200; a client that hung up (`DC`) is none. */
export function isFailure(labels: Readonly<Record<string, string>>): boolean {
  const code = labels['response_code'] ?? '';
  const flags = (labels['response_flags'] ?? '').split(',');
  if (flags.includes('DC')) return false;
  return code.startsWith('5') || code === '0' || grpcFailures.has(labels['grpc_response_status'] ?? '');
}

/**
 * Increments between two readings of raw counters, by our own subtraction: `rate` and `increase` cannot count the first
 * value of a newborn series, and after a restart every series is newborn (prometheus/prometheus#3886).
 * A counter that was not there before began at zero; one that fell was reset by a restart of its container.
 * @param wanted which pods count, as `namespace/pod`; all when left out
 */
export function countTraffic(
  before: readonly Series[],
  after: readonly Series[],
  podOf: (labels: Readonly<Record<string, string>>) => string,
  wanted?: ReadonlySet<string>,
): Traffic {
  const earlier = new Map(before.map(({ labels, value }) => [keyOf(labels), value]));
  const byPod = new Map<string, { requests: number; errors: number }>();
  for (const { labels, value } of after) {
    const pod = podOf(labels);
    if (wanted !== undefined && !wanted.has(pod)) continue;
    const was = earlier.get(keyOf(labels)) ?? 0;
    const increment = value < was ? value : value - was;
    const sum = byPod.get(pod) ?? { requests: 0, errors: 0 };
    sum.requests += increment;
    if (isFailure(labels)) sum.errors += increment;
    byPod.set(pod, sum);
  }
  const pods = [...byPod].map(([pod, sum]) => ({ pod, ...sum }));
  return {
    requests: pods.reduce((sum, { requests }) => sum + requests, 0),
    errors: pods.reduce((sum, { errors }) => sum + errors, 0),
    worst: pods
      .filter(({ errors }) => errors > 0)
      .sort((a, b) => b.errors - a.errors)
      .slice(0, 5),
  };
}

/** The same for counters of one component, for example an istiod's rejects. */
export function countIncrements(before: readonly Series[], after: readonly Series[]): number {
  const earlier = new Map(before.map(({ labels, value }) => [keyOf(labels), value]));
  return after.reduce((sum, { labels, value }) => {
    const was = earlier.get(keyOf(labels)) ?? 0;
    return sum + (value < was ? value : value - was);
  }, 0);
}

const keyOf = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
