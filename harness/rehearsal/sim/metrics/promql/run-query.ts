import type { Labels, Point, SampleStore } from '../sample-store.ts';
import type { Expression } from './ast.ts';
import { checkTypes } from './check-types.ts';
import { evaluate } from './evaluate.ts';
import { Notes } from './notes.ts';
import { parse } from './parse.ts';
import { QueryError } from './query-error.ts';
import { labelKey, type Series, type Value } from './value.ts';
import { Windows } from './windows.ts';

export interface Outcome<T> {
  value: T;
  warnings: readonly string[];
  infos: readonly string[];
}

/**
 * Evaluates a query at one moment.
 * @param at Unix milliseconds
 * @throws QueryError as Prometheus would refuse it, and `not simulated: ...` for the rest of the language
 */
export function instantQuery(query: string, store: SampleStore, at: number): Outcome<Value> {
  const { expression } = prepare(query);
  const notes = new Notes(query);
  const value = evaluate(expression, {
    windows: new Windows(store),
    notes,
    at,
    ahead: { forMs: 0, stepMs: 0 },
    startMs: at,
    endMs: at,
    isStep: false,
  });
  return { value, warnings: [...notes.warnings], infos: [...notes.infos] };
}

/** Evaluates a query at every step from start to end, both included. */
export function rangeQuery(
  query: string,
  store: SampleStore,
  { startMs, endMs, stepMs }: { startMs: number; endMs: number; stepMs: number },
): Outcome<readonly Series[]> {
  const { expression, type } = prepare(query);
  if (type !== 'scalar' && type !== 'vector') {
    const given = type === 'matrix' ? 'range vector' : type;
    throw new QueryError(
      'bad_data',
      `invalid parameter "query": invalid expression type "${given}" for range query, must be Scalar or instant Vector`,
    );
  }
  const notes = new Notes(query);
  const windows = new Windows(store);
  const series = new Map<string, { labels: Labels; points: Point[] }>();
  for (let at = startMs; at <= endMs; at += stepMs) {
    const value = evaluate(expression, {
      windows,
      notes,
      at,
      ahead: { forMs: endMs - at, stepMs },
      startMs,
      endMs,
      isStep: endMs > startMs,
    });
    for (const sample of samplesOf(value)) {
      const key = labelKey(sample.labels);
      const known = series.get(key) ?? { labels: sample.labels, points: [] };
      known.points.push({ at, value: sample.value });
      series.set(key, known);
    }
  }
  return { value: [...series.values()], warnings: [...notes.warnings], infos: [...notes.infos] };
}

function samplesOf(value: Value): readonly { labels: Labels; value: number }[] {
  if (value.type === 'vector') return value.samples;
  return value.type === 'scalar' ? [{ labels: {}, value: value.value }] : [];
}

interface Prepared {
  expression: Expression;
  type: Value['type'];
}

/** A gate asks the same few questions again and again. */
const prepared = new Map<string, Prepared>();
const preparedMax = 1_000;

function prepare(query: string): Prepared {
  const known = prepared.get(query);
  if (known !== undefined) return known;
  const expression = parse(query);
  const made = { expression, type: checkTypes(expression, query) };
  if (prepared.size >= preparedMax) prepared.clear();
  prepared.set(query, made);
  return made;
}
