import { durationMs } from './promql/literals.ts';
import { QueryError } from './promql/query-error.ts';

/** No answer may have more points a series than this. */
const MaxPoints = 11_000;

/**
 * A moment that may be left out.
 * @returns Unix milliseconds
 * @throws QueryError in Prometheus' words
 */
export function timeParameter(form: URLSearchParams, name: string, otherwise: number): number {
  const text = form.get(name) ?? '';
  if (text === '') return otherwise;
  const ms = parseTime(text);
  if (ms === undefined) {
    throw invalid(name, `invalid time value for '${name}': cannot parse "${text}" to a valid timestamp`);
  }
  return ms;
}

function neededTime(form: URLSearchParams, name: string): number {
  const text = form.get(name) ?? '';
  const ms = parseTime(text);
  if (ms === undefined) throw invalid(name, `cannot parse "${text}" to a valid timestamp`);
  return ms;
}

/** Unix seconds with a fraction, or RFC 3339. */
function parseTime(text: string): number | undefined {
  const ms = /^-?[\d.]+(e[+-]?\d+)?$/i.test(text) ? Number(text) * 1000 : Date.parse(text);
  return Number.isFinite(ms) ? Math.round(ms) : undefined;
}

export function rangeParameters(form: URLSearchParams): { startMs: number; endMs: number; stepMs: number } {
  const startMs = neededTime(form, 'start');
  const endMs = neededTime(form, 'end');
  if (endMs < startMs) throw invalid('end', 'end timestamp must not be before start time');
  const stepMs = stepParameter(form.get('step') ?? '');
  if (stepMs <= 0) {
    throw invalid('step', 'zero or negative query resolution step widths are not accepted. Try a positive integer');
  }
  if (Math.floor((endMs - startMs) / stepMs) > MaxPoints) {
    throw new QueryError(
      'bad_data',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    );
  }
  return { startMs, endMs, stepMs };
}

function stepParameter(text: string): number {
  if (!/^-?[\d.]+(e[+-]?\d+)?$|^(\d+(ms|[smhdwy]))+$/i.test(text)) {
    throw invalid('step', `cannot parse "${text}" to a valid duration`);
  }
  return durationMs(text);
}

export function invalid(name: string, message: string): QueryError {
  return new QueryError('bad_data', `invalid parameter "${name}": ${message}`);
}
