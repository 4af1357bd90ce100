import { formatGoFloat } from './promql/format-float.ts';
import type { QueryError } from './promql/query-error.ts';
import type { Series, Value } from './promql/value.ts';
import type { Point } from './sample-store.ts';

/** Status and body of one answer of Prometheus' HTTP API. */
export interface ApiAnswer {
  status: number;
  body: string;
}

interface Remarks {
  warnings?: readonly string[];
  infos?: readonly string[];
}

export function successAnswer(data: unknown, { warnings = [], infos = [] }: Remarks = {}): ApiAnswer {
  const remarks = {
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(infos.length > 0 ? { infos } : {}),
  };
  return { status: 200, body: JSON.stringify({ status: 'success', data, ...remarks }) };
}

export function errorAnswer({ errorType, message }: QueryError): ApiAnswer {
  return {
    status: errorType === 'execution' ? 422 : 400,
    body: JSON.stringify({ status: 'error', errorType, error: message }),
  };
}

/** @param at when it was evaluated, Unix milliseconds */
export function instantData(value: Value, at: number): object {
  const sample = (number: number) => [at / 1000, formatGoFloat(number)];
  switch (value.type) {
    case 'scalar':
      return { resultType: 'scalar', result: sample(value.value) };
    case 'string':
      return { resultType: 'string', result: [at / 1000, value.value] };
    case 'vector':
      return {
        resultType: 'vector',
        result: value.samples.map(({ labels, value: number }) => ({ metric: labels, value: sample(number) })),
      };
    case 'matrix':
      return matrixData(value.series);
  }
}

export function matrixData(series: readonly Series[]): object {
  const valuesOf = (points: readonly Point[]) => points.map(({ at, value }) => [at / 1000, formatGoFloat(value)]);
  return {
    resultType: 'matrix',
    result: series.map(({ labels, points }) => ({ metric: labels, values: valuesOf(points) })),
  };
}
