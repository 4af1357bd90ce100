import { durationMs } from './promql/literals.ts';
import { QueryError } from './promql/query-error.ts';

/** No answer may have more points a series than this. */
const MaxPoints = 11_000;

/** @returns Unix milliseconds @throws QueryError in Prometheus' words */
export function timeParameter(form: URLSearchParams, name: string, otherwise: number): number {
  const text = form.get(name) ?? '';
  if (text === '') return otherwise;
  const ms = /^-?[\d.]+(e[+-]?\d+)?$/i.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (!Number.isFinite(ms)) throw invalid(name, `cannot parse "${text}" to a valid timestamp`);
  return Math.round(ms);
}

export function rangeParameters(form: URLSearchParams): { startMs: number; endMs: number; stepMs: number } {
  for (const name of ['start', 'end']) {
    if (!form.get(name)) throw invalid(name, 'cannot parse "" to a valid timestamp');
  }
  const startMs = timeParameter(form, 'start', 0);
  const endMs = timeParameter(form, 'end', 0);
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
