import type { Labels } from '../families.ts';
import type { Point, RawSeries } from '../scrapes.ts';

export interface Sample {
  labels: Labels;
  value: number;
  /** When the sample was scraped, for `timestamp()`. */
  at: number;
}

export type Value =
  | { type: 'scalar'; value: number }
  | { type: 'vector'; samples: readonly Sample[] }
  | { type: 'matrix'; series: readonly RawSeries[]; fromMs: number; toMs: number };

export type { Point };

/** A query that Prometheus would refuse, or one that asks for more than is simulated here. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

export const vector = (samples: readonly Sample[]): Value => ({ type: 'vector', samples });
export const scalar = (value: number): Value => ({ type: 'scalar', value });

export function expectVector(value: Value, what: string): readonly Sample[] {
  if (value.type !== 'vector') throw new QueryError(`expected type instant vector in ${what}, got ${value.type}`);
  return value.samples;
}

export function withoutName({ __name__: _, ...labels }: Labels): Labels {
  return labels;
}

export function keep(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(names.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]]])));
}

export function drop(labels: Labels, names: readonly string[]): Labels {
  const dropped = new Set(['__name__', ...names]);
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !dropped.has(name)));
}

/** The identity of a label set, whatever its order. */
export function labelKey(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
