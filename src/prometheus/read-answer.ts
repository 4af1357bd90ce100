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

const special: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Inf: Number.POSITIVE_INFINITY,
  '+Inf': Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
};

const SampleValue = z.string().transform((text, context) => {
  const value = special[text] ?? (text.trim() === '' ? Number.NaN : Number(text));
  if (!Number.isNaN(value) || text === 'NaN') return value;
  context.addIssue({ code: 'custom', message: `"${text}" is no number` });
  return z.NEVER;
});
// Seconds with a fraction.
const Moment = z.number().transform((seconds) => Math.round(seconds * 1000));
const Sample = z.tuple([Moment, SampleValue]);
const Labels = z.record(z.string(), z.string());

const Data = z.discriminatedUnion('resultType', [
  z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: Labels, value: Sample.optional(), histogram: z.unknown().optional() })),
  }),
  z.object({ resultType: z.literal('scalar'), result: Sample }),
  z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({ metric: Labels, values: z.array(Sample).optional(), histograms: z.unknown().optional() }),
    ),
  }),
  z.object({ resultType: z.literal('string'), result: z.unknown() }),
]);
type Data = z.infer<typeof Data>;

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
export function readAnswer(raw: RawAnswer, query: string, url: string): Answer {
  const { data, warnings } = successOf(raw, query, url);
  return { series: seriesOf(data, query), warnings };
}

/** @throws UpgradeError PROMETHEUS_* for everything but a matrix of numbers */
export function readRangeAnswer(raw: RawAnswer, query: string, url: string): RangeAnswer {
  const { data, warnings } = successOf(raw, query, url);
  return { series: rangesOf(data, query), warnings };
}

function successOf(raw: RawAnswer, query: string, url: string): { data: Data; warnings: readonly string[] } {
  const body = parseJson(raw.body);
  if (raw.status !== 200) throw refusalOf(raw, body, query, url);
  const parsed = Success.safeParse(body);
  if (!parsed.success) {
    const said = Refusal.safeParse(body).success ? refusalOf(raw, body, query, url) : undefined;
    throw said ?? PrometheusNotPrometheus.because(parsed.error, url, raw.status, excerpt(raw.body));
  }
  const { data, warnings, isPartial } = parsed.data;
  return { data, warnings: [...(warnings ?? []), ...(isPartial ? ['the answer is partial'] : [])] };
}

function seriesOf(data: Data, query: string): Answer['series'] {
  switch (data.resultType) {
    case 'scalar': {
      const [at, value] = data.result;
      return [{ labels: {}, value, at }];
    }
    case 'vector':
      return data.result.map(({ metric, value: sample }) => {
        if (!sample) throw PrometheusWrongResult.of(query, 'native histograms');
        const [at, value] = sample;
        return { labels: metric, value, at };
      });
    case 'matrix':
      throw PrometheusWrongResult.of(query, kinds.matrix);
    case 'string':
      throw PrometheusWrongResult.of(query, kinds.string);
  }
}

function rangesOf(data: Data, query: string): RangeAnswer['series'] {
  if (data.resultType !== 'matrix') throw PrometheusWrongResult.of(query, kinds[data.resultType], kinds.matrix);
  return data.result.map(({ metric, values = [], histograms }) => {
    if (histograms !== undefined) throw PrometheusWrongResult.of(query, 'native histograms', kinds.matrix);
    return { labels: metric, points: values.map(([at, value]) => ({ at, value })) };
  });
}

const kinds = {
  vector: 'an instant vector',
  scalar: 'a scalar',
  matrix: 'a range of samples (matrix)',
  string: 'a string',
} as const satisfies Record<Data['resultType'], string>;

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
