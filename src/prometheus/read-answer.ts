import * as z from 'zod';
import { excerpt, parseJson, readStatus } from '../kubernetes/status-error.ts';
import type { UpgradeError } from '../model/upgrade-error.ts';
import type { Answer, RangeAnswer } from '../ports/prometheus.ts';
import {
  PrometheusBadQuery,
  PrometheusExecution,
  PrometheusNotPrometheus,
  PrometheusUnauthorized,
  PrometheusUnavailable,
  PrometheusWrongResult,
} from './prometheus-errors.ts';
import type { RawAnswer } from './prometheus-transport.ts';

const types = ['vector', 'scalar', 'matrix', 'string'] as const;

const Data = z.object({ resultType: z.enum(types), result: z.unknown() });

// `infos` are remarks about names ("might not be a counter"), not about the data, and are left out.
const Success = z.object({
  status: z.literal('success'),
  data: Data,
  warnings: z.array(z.string()).nullish(),
  // VictoriaMetrics says so when a storage node did not answer.
  isPartial: z.boolean().optional(),
});

const Refusal = z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() });

/** @throws UpgradeError PROMETHEUS_* for everything but a vector or scalar of numbers */
export const readAnswer = (raw: RawAnswer, query: string, url: string): Answer =>
  read(raw, query, url, (data) => seriesOf(data, query));

/** @throws UpgradeError PROMETHEUS_* for everything but a matrix of numbers */
export const readRangeAnswer = (raw: RawAnswer, query: string, url: string): RangeAnswer =>
  read(raw, query, url, (data) => rangesOf(data, query));

function read<Series>(
  raw: RawAnswer,
  query: string,
  url: string,
  seriesIn: (data: z.infer<typeof Data>) => Series,
): { series: Series; warnings: readonly string[] } {
  const body = parseJson(raw.body);
  if (raw.status !== 200) throw refusalOf(raw, body, query, url);
  const notPrometheus = (cause: unknown) => PrometheusNotPrometheus.because(cause, url, raw.status, excerpt(raw.body));
  const parsed = Success.safeParse(body);
  if (!parsed.success) {
    const said = Refusal.safeParse(body).success ? refusalOf(raw, body, query, url) : undefined;
    throw said ?? notPrometheus(parsed.error);
  }
  const { data, warnings, isPartial } = parsed.data;
  try {
    return { series: seriesIn(data), warnings: [...(warnings ?? []), ...(isPartial ? ['the answer is partial'] : [])] };
  } catch (failure) {
    throw failure instanceof Malformed ? notPrometheus(failure) : failure;
  }
}

function seriesOf({ resultType, result }: z.infer<typeof Data>, query: string): Answer['series'] {
  switch (resultType) {
    case 'scalar':
      return [{ labels: {}, ...sampleOf(result) }];
    case 'vector':
      return rowsOf(result).map(({ metric, value }) => {
        if (value === undefined) throw PrometheusWrongResult.of(query, 'native histograms');
        return { labels: labelsOf(metric), ...sampleOf(value) };
      });
    case 'matrix':
    case 'string':
      throw PrometheusWrongResult.of(query, kinds[resultType]);
  }
}

function rangesOf({ resultType, result }: z.infer<typeof Data>, query: string): RangeAnswer['series'] {
  if (resultType !== 'matrix') throw PrometheusWrongResult.of(query, kinds[resultType], kinds.matrix);
  return rowsOf(result).map(({ metric, values = [], histograms }) => {
    if (histograms !== undefined) throw PrometheusWrongResult.of(query, 'native histograms', kinds.matrix);
    return { labels: labelsOf(metric), points: listOf(values).map(sampleOf) };
  });
}

/** The answer is JSON, but has another form. */
class Malformed extends Error {}

// Rows are checked by hand: there may be ten thousand, and a schema would copy each label of each.

const rowsOf = (result: unknown): readonly Readonly<Record<string, unknown>>[] =>
  listOf(result).map((row) => {
    if (typeof row !== 'object' || row === null) throw new Malformed('a series is not an object');
    return row as Readonly<Record<string, unknown>>;
  });

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Malformed('a list is missing');
  return value;
}

function labelsOf(metric: unknown): Readonly<Record<string, string>> {
  if (typeof metric !== 'object' || metric === null) throw new Malformed('a series has no labels');
  for (const value of Object.values(metric))
    if (typeof value !== 'string') throw new Malformed('the value of a label is not text');
  return metric as Readonly<Record<string, string>>;
}

/** Seconds with a fraction, and the number as text. */
function sampleOf(sample: unknown): { at: number; value: number } {
  const [seconds, text, ...more] = listOf(sample);
  if (typeof seconds !== 'number' || typeof text !== 'string' || more.length > 0)
    throw new Malformed('a sample is not a moment with a value');
  const value = special[text] ?? (text.trim() === '' ? Number.NaN : Number(text));
  if (Number.isNaN(value) && text !== 'NaN') throw new Malformed(`the value of a sample is "${text}"`);
  return { at: Math.round(seconds * 1000), value };
}

const special: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Inf: Number.POSITIVE_INFINITY,
  '+Inf': Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
};

const kinds = {
  vector: 'an instant vector',
  scalar: 'a scalar',
  matrix: 'a range of samples (matrix)',
  string: 'a string',
} as const satisfies Record<(typeof types)[number], string>;

function refusalOf(
  { status, headers, body: text }: RawAnswer,
  body: unknown,
  query: string,
  url: string,
): UpgradeError {
  const refusal = Refusal.safeParse(body).data;
  // The API server's proxy answers for a service that it cannot or may not reach.
  const words = refusal?.error ?? readStatus(body)?.message ?? excerpt(text);
  if (status === 401 || status === 403) return PrometheusUnauthorized.of(url, status, words);
  if (status === 408 || status === 429 || status >= 500) {
    return PrometheusUnavailable.of(url, `HTTP ${status} ${words}`.trim());
  }
  if (refusal?.errorType === 'bad_data' || isOfVictoriaMetrics(refusal)) {
    // Mimir says bad_data for a range that is too long, and VictoriaMetrics says its status for everything.
    return isParseError(words) || !(isLimit(words) || isOfVictoriaMetrics(refusal))
      ? PrometheusBadQuery.of(query, words)
      : executionOf(query, url, words);
  }
  if (refusal?.errorType === 'execution') return executionOf(query, url, words);
  if (refusal && ['timeout', 'canceled', 'internal', 'unavailable', 'too_many_requests'].includes(refusal.errorType)) {
    return PrometheusUnavailable.of(url, words);
  }
  if (status >= 300 && status < 400) {
    return PrometheusNotPrometheus.of(url, status, `it redirects to ${String(headers['location'] ?? 'nowhere')}`);
  }
  return PrometheusNotPrometheus.of(url, status, words);
}

const executionOf = (query: string, url: string, words: string): UpgradeError =>
  isPassing(words) && !isLimit(words) ? PrometheusUnavailable.of(url, words) : PrometheusExecution.of(query, words);

/** Its `errorType` is the HTTP status. */
const isOfVictoriaMetrics = (refusal: z.infer<typeof Refusal> | undefined): boolean =>
  /^\d+$/.test(refusal?.errorType ?? '');

const isParseError = (words: string): boolean =>
  /parse error|cannot parse|unparsed data|unsupported function|unknown function|expects .* args/i.test(words);

/** The query stays too large however often it is sent, although a store may wrap that in an error of its connection. */
const isLimit = (words: string): boolean =>
  /\blimit\b|limit:|ResourceExhausted|too many (samples|series|points|chunks|bytes)|-search\.max/i.test(words);

// Thanos and Mimir report a store or ingester that is away for a moment as a failed execution.
function isPassing(words: string): boolean {
  return /rpc error|connection refused|deadline exceeded|unavailable|no such host|ingester|store-gateway|\beof\b/i.test(
    words,
  );
}
