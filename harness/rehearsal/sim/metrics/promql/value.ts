import type { Labels, Point } from '../sample-store.ts';
import { executionError } from './query-error.ts';

export interface Sample {
  labels: Labels;
  value: number;
}

/** Samples of a window, without stale markers. */
export interface Series {
  labels: Labels;
  points: readonly Point[];
}

/** A range vector and its window, (from, to]. */
export interface Matrix {
  series: readonly Series[];
  fromMs: number;
  toMs: number;
}

export type Value =
  | { type: 'scalar'; value: number }
  | { type: 'string'; value: string }
  | { type: 'vector'; samples: readonly Sample[] }
  | ({ type: 'matrix' } & Matrix);

export const scalar = (value: number): Value => ({ type: 'scalar', value });

/** @throws QueryError if two samples have the same labels, as happens when names are dropped */
export function vector(samples: readonly Sample[]): Value {
  if (samples.length > 1) {
    const keys = new Set(samples.map(({ labels }) => labelKey(labels)));
    if (keys.size < samples.length) throw executionError('vector cannot contain metrics with the same labelset');
  }
  return { type: 'vector', samples };
}

const nameless = new WeakMap<Labels, Labels>();

/** Label sets never change, so the same set without its name is made once. */
export function withoutName(labels: Labels): Labels {
  const known = nameless.get(labels);
  if (known !== undefined) return known;
  const { __name__, ...rest } = labels;
  const result = __name__ === undefined ? labels : rest;
  nameless.set(labels, result);
  return result;
}

export function keep(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(names.flatMap((name) => (labels[name] ? [[name, labels[name]]] : [])));
}

export function without(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !names.includes(name)));
}

/** An empty value takes the label away. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  return value === '' ? without(labels, [name]) : { ...labels, [name]: value };
}

const keys = new WeakMap<Labels, string>();

/** The identity of a label set, whatever its order. */
export function labelKey(labels: Labels): string {
  const known = keys.get(labels);
  if (known !== undefined) return known;
  const key = JSON.stringify(sorted(labels));
  keys.set(labels, key);
  return key;
}

/** As Prometheus writes label sets in messages. */
export function showLabels(labels: Labels): string {
  return `{${sorted(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ')}}`;
}

function sorted(labels: Labels): [string, string][] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}
