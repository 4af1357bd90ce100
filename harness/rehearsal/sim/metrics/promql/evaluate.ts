import type { Labels, Matcher, Point } from '../sample-store.ts';
import { aggregate } from './aggregate.ts';
import { type Call, type Expression, type Subquery, type Timing, unwrap, type VectorSelector } from './ast.ts';
import { binary } from './binary.ts';
import { type Functions, matrixIn, samplesIn } from './call-site.ts';
import { HistogramFunctions } from './histogram-quantile.ts';
import { LabelFunctions } from './label-functions.ts';
import type { Notes } from './notes.ts';
import { notSimulated } from './query-error.ts';
import { RangeFunctions } from './range-functions.ts';
import { labelKey, type Matrix, scalar, type Value, vector, withoutName } from './value.ts';
import { VectorFunctions } from './vector-functions.ts';
import type { Ahead, Windows } from './windows.ts';

export interface Context {
  windows: Windows;
  notes: Notes;
  /** The moment of evaluation; this and all other times in Unix milliseconds. */
  at: number;
  ahead: Ahead;
  /** What `@ start()` and `@ end()` mean. */
  startMs: number;
  endMs: number;
  /** Whether this moment is one of several. */
  isStep: boolean;
}

/** The server's evaluation interval, as it comes: the step of `[10m:]`. */
const SubqueryStepMs = 60_000;

const ValueFunctions: Functions = {
  ...VectorFunctions,
  ...RangeFunctions,
  ...LabelFunctions,
  ...HistogramFunctions,
};

/**
 * The value of a checked expression at one moment.
 * @throws QueryError `execution`, as Prometheus does
 */
export function evaluate(expression: Expression, context: Context): Value {
  switch (expression.kind) {
    case 'number':
      return scalar(expression.value);
    case 'string':
      return { type: 'string', value: expression.value };
    case 'paren':
      return evaluate(expression.operand, context);
    case 'selector':
      // No two series of a store have the same labels.
      return {
        type: 'vector',
        samples: newest(expression, context).map(({ labels, point }) => ({ labels, value: point.value })),
      };
    case 'matrix':
      return { type: 'matrix', ...rangeOf(expression.selector, expression.rangeMs, context) };
    case 'subquery':
      return { type: 'matrix', ...runSubquery(expression, context) };
    case 'unary': {
      const operand = evaluate(expression.operand, context);
      if (expression.operator === '+') return operand;
      if (operand.type === 'scalar') return scalar(-operand.value);
      return vector(samplesIn(operand).map(({ labels, value }) => ({ labels: withoutName(labels), value: -value })));
    }
    case 'aggregation': {
      const parameter = expression.parameter && evaluate(expression.parameter, context);
      return aggregate(expression, samplesIn(evaluate(expression.operand, context)), parameter, context.notes);
    }
    case 'binary':
      return binary(expression, evaluate(expression.left, context), evaluate(expression.right, context));
    case 'call':
      return call(expression, context);
  }
}

function call(node: Call, context: Context): Value {
  const [argument] = node.args;
  if (node.name === 'timestamp' && argument) return timestamp(argument, context);
  const args = node.args.map((operand) => evaluate(operand, context));
  if (argument && node.name === 'absent') {
    return vector(samplesIn(args[0]).length > 0 ? [] : [{ labels: labelsOfAbsent(argument), value: 1 }]);
  }
  if (argument && node.name === 'absent_over_time') {
    const isThere = matrixIn(args[0]).series.some(({ points }) => points.length > 0);
    return vector(isThere ? [] : [{ labels: labelsOfAbsent(argument), value: 1 }]);
  }
  const compute = ValueFunctions[node.name];
  if (!compute) throw notSimulated(`function ${node.name}()`);
  return compute(args, { node, at: context.at, notes: context.notes, isStep: context.isStep });
}

/** Of a selector: when its samples were scraped; of anything else: when it was evaluated. */
function timestamp(argument: Expression, context: Context): Value {
  const inner = unwrap(argument);
  if (inner.kind === 'selector') {
    return vector(
      newest(inner, context).map(({ labels, point }) => ({ labels: withoutName(labels), value: point.at / 1000 })),
    );
  }
  return vector(
    samplesIn(evaluate(inner, context)).map(({ labels }) => ({
      labels: withoutName(labels),
      value: context.at / 1000,
    })),
  );
}

/** What the selector's own matchers say for sure. */
function labelsOfAbsent(argument: Expression): Labels {
  const matchers: readonly Matcher[] =
    argument.kind === 'selector' ? argument.matchers : argument.kind === 'matrix' ? argument.selector.matchers : [];
  const labels: Record<string, string> = {};
  const seen = new Set<string>();
  for (const { label, operator, wanted } of matchers) {
    if (label === '__name__') continue;
    if (operator === '=' && !seen.has(label)) {
      seen.add(label);
      if (wanted !== '') labels[label] = wanted;
    } else {
      delete labels[label];
    }
  }
  return labels;
}

function momentOf({ at, offsetMs }: Timing, context: Context): number {
  const moment = at === 'start' ? context.startMs : at === 'end' ? context.endMs : (at ?? context.at);
  return moment - offsetMs;
}

/** A pinned selector is asked about one moment only. */
const aheadOf = ({ at }: Timing, { ahead }: Context): Ahead => (at === undefined ? ahead : { ...ahead, forMs: 0 });

function newest(selector: VectorSelector, context: Context) {
  const { timing } = selector;
  return context.windows.latest(selector, momentOf(timing, context)).flatMap(({ labels, points }) => {
    const point = points.at(-1);
    return point === undefined ? [] : { labels, point };
  });
}

function rangeOf(selector: VectorSelector, rangeMs: number, context: Context): Matrix {
  const { timing } = selector;
  const toMs = momentOf(timing, context);
  const fromMs = toMs - rangeMs;
  const series = context.windows.range(selector, fromMs, toMs, aheadOf(timing, context)).flatMap((raw) => {
    const isWhole = raw.points.every(({ isStale }) => isStale !== true);
    const points = isWhole ? raw.points : raw.points.filter(({ isStale }) => isStale !== true);
    return points.length === 0 ? [] : [{ labels: raw.labels, points }];
  });
  return { series, fromMs, toMs };
}

function runSubquery({ operand, rangeMs, stepMs = SubqueryStepMs, timing }: Subquery, context: Context): Matrix {
  const toMs = momentOf(timing, context);
  const fromMs = toMs - rangeMs;
  // Steps stand on multiples of themselves, whatever the moment of evaluation.
  const first = (Math.floor(fromMs / stepMs) + 1) * stepMs;
  const last = toMs + aheadOf(timing, context).forMs;
  const series = new Map<string, { labels: Labels; points: Point[] }>();
  for (let at = first; at <= toMs; at += stepMs) {
    const ahead = { forMs: last - at, stepMs };
    const value = evaluate(operand, { ...context, at, ahead, isStep: first + stepMs <= toMs });
    for (const { labels, value: number } of samplesIn(value)) {
      const key = labelKey(labels);
      const known = series.get(key) ?? { labels, points: [] };
      known.points.push({ at, value: number });
      series.set(key, known);
    }
  }
  return { series: [...series.values()], fromMs, toMs };
}
