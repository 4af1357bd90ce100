import { backOff } from '../kubernetes/retry.ts';
import type { Clock } from '../model/clock.ts';
import { messageOf, UpgradeError } from '../model/upgrade-error.ts';
import { classifyNetworkFailure } from '../network/network-failure.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { Metrics } from '../ports/prometheus.ts';
import { learnSecrets, learnSecretsOfUrl } from '../secrecy/hide-secrets.ts';
import type { PrometheusAccess } from './access.ts';
import { clusterScheme, clusterTransport } from './cluster-transport.ts';
import { httpTransport } from './http-transport.ts';
import { PrometheusAccessInvalid, PrometheusUnavailable, PrometheusUnreachable } from './prometheus-errors.ts';
import type { Endpoint, PrometheusTransport, RawAnswer } from './prometheus-transport.ts';
import { readAnswer, readRangeAnswer } from './read-answer.ts';

export interface MetricsOptions {
  clock: Clock;
  env: Readonly<Record<string, string | undefined>>;
  /** Needed for a `kubernetes://` URL. */
  cluster?: Cluster;
  /** For jitter; 0 to 1. */
  random?: () => number;
}

const attemptsMax = 3;

/** @throws UpgradeError PROMETHEUS_ACCESS_INVALID; nothing is sent yet */
export function createMetrics(access: PrometheusAccess, options: MetricsOptions): Metrics {
  learnFrom(access);
  const transport = openTransport(access, options);
  const { timeoutMs } = access;
  const inTime = { ...options, timeoutMs };
  return {
    query: (query, at) => {
      const form = formOf(query, timeoutMs, at === undefined ? {} : { time: seconds(at) });
      return ask(transport, { endpoint: 'query', form, read: (raw) => readAnswer(raw, query, transport.url) }, inTime);
    },
    range: (query, { start, end, stepMs }) => {
      const moments = { start: seconds(start), end: seconds(end), step: seconds(stepMs) };
      const form = formOf(query, timeoutMs, moments);
      const read = (raw: RawAnswer) => readRangeAnswer(raw, query, transport.url);
      return ask(transport, { endpoint: 'query_range', form, read }, inTime);
    },
  };
}

/** A header that names a tenant is no secret, and its value would be hidden wherever a namespace is called alike. */
function learnFrom({ url, bearerToken, basicAuth, sigv4, headers = {}, key }: PrometheusAccess): void {
  const { secretAccessKey, sessionToken } = sigv4?.credentials() ?? {};
  learnSecrets(bearerToken?.(), basicAuth?.password(), secretAccessKey, sessionToken, key?.());
  learnSecretsOfUrl(url);
  for (const [name, value] of Object.entries(headers))
    if (!/scope|org|tenant/i.test(name)) learnSecrets(value, value.replace(/^(Bearer|Basic)\s+/i, ''));
}

function openTransport(access: PrometheusAccess, options: MetricsOptions): PrometheusTransport {
  if (!access.url.startsWith(clusterScheme)) return httpTransport(access, options);
  if (!options.cluster) throw PrometheusAccessInvalid.of(access.url, 'there is no cluster to reach it through');
  return clusterTransport(access, options.cluster);
}

interface Request<Result> {
  endpoint: Endpoint;
  form: URLSearchParams;
  /** @throws UpgradeError for an answer that is not usable */
  read(raw: RawAnswer): Result;
}

async function ask<Result>(
  transport: PrometheusTransport,
  { endpoint, form, read }: Request<Result>,
  { clock, random = Math.random, timeoutMs }: MetricsOptions & { timeoutMs: number },
): Promise<Result> {
  const startedAt = clock.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return read(await send(transport, endpoint, form, timeoutMs));
    } catch (error) {
      const pause = backOff(attempt, random);
      // Within twice the time of one attempt: a gate that waits longer looks at old news.
      const inTime = clock.now() + pause - startedAt < 2 * timeoutMs;
      if (!isPassing(error) || attempt === attemptsMax || !inTime) throw error;
      await clock.sleep(pause);
    }
  }
}

/** What some stores need to answer as Prometheus does; the others ignore it. Measured: docs/prometheus.md. */
const ofOneStore = {
  // Thanos: half of the data must not look like all of it, each replica's series counts once, and no sample is an average.
  partial_response: 'false',
  dedup: 'true',
  max_source_resolution: '0s',
  // VictoriaMetrics moves the moments of a query otherwise: to multiples of the step, and away from the newest 30 s. And it
  // takes a sample for the value of a whole step, however long that is.
  nocache: '1',
  latency_offset: '1ms',
  max_lookback: '5m',
};

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

function formOf(query: string, timeoutMs: number, moments: Readonly<Record<string, string>>): URLSearchParams {
  return new URLSearchParams({
    query,
    ...moments,
    // Prometheus gives up a little before we do, so that its own words arrive.
    timeout: `${Math.max(1, Math.round(timeoutMs * 0.9))}ms`,
    ...ofOneStore,
  });
}

async function send(transport: PrometheusTransport, endpoint: Endpoint, form: URLSearchParams, timeoutMs: number) {
  try {
    return await transport.ask(endpoint, form, timeoutMs);
  } catch (error) {
    // The API server could not be reached: its error says how.
    if (error instanceof UpgradeError)
      throw PrometheusUnreachable.because(error, transport.url, withoutStop(error.message));
    const { kind, detail } = classifyNetworkFailure(error);
    if (kind === 'timeout') throw PrometheusUnavailable.because(error, transport.url, detail);
    throw PrometheusUnreachable.because(error, transport.url, detail || messageOf(error));
  }
}

const withoutStop = (sentence: string) => sentence.replace(/\.$/, '');

/** Whether asking again may help. A failed TLS handshake stays failed. */
function isPassing(thrown: unknown): boolean {
  if (!(thrown instanceof UpgradeError)) return false;
  if (thrown.code === PrometheusUnavailable.definition.code) return true;
  return thrown.code === PrometheusUnreachable.definition.code && classifyNetworkFailure(thrown.cause).kind !== 'tls';
}
