import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import type { Scrapes } from '../scrapes.ts';
import { aggregate } from './aggregate.ts';
import { binary, type Matching } from './binary.ts';
import { Functions } from './functions.ts';
import { selectorOf } from './selector.ts';
import { expectVector, QueryError, scalar, type Value, vector } from './value.ts';

/** Expressions, by the name the grammar gives them. */
type Evaluator = (node: SyntaxNode, context: Context) => Value;

interface Context {
  text: string;
  scrapes: Scrapes;
  /** Unix milliseconds. */
  at: number;
}

/**
 * Evaluates an instant query. The subset: selectors, the usual aggregations and range functions, arithmetic,
 * comparison, set operators, on/ignoring/group_left, offset.
 * @throws QueryError for a syntax error, and `not simulated: ...` for the rest of the language
 */
export function evaluate(text: string, scrapes: Scrapes, at: number): Value {
  const tree = parser.parse(text);
  tree.iterate({
    enter: ({ type, from }) => {
      if (type.isError) throw new QueryError(`invalid parameter "query": 1:${from + 1}: parse error: unexpected input`);
    },
  });
  const expression = tree.topNode.firstChild;
  if (!expression)
    throw new QueryError('invalid parameter "query": unknown position: parse error: no expression found in input');
  return evaluateNode(expression, { text, scrapes, at });
}

function evaluateNode(node: SyntaxNode, context: Context): Value {
  const evaluator = Evaluators[node.name];
  if (!evaluator) throw new QueryError(`not simulated: ${node.name} in ${textOf(node, context)}`);
  return evaluator(node, context);
}

const Evaluators: Readonly<Record<string, Evaluator>> = {
  ParenExpr: (node, context) => evaluateNode(childAt(node, 0), context),
  NumberDurationLiteral: (node, context) => scalar(parseNumber(textOf(node, context))),
  UnaryExpr: (node, context) => {
    const [operator, operand] = children(node);
    const value = evaluateNode(expected(operand), context);
    const factor = operator && textOf(operator, context) === '-' ? -1 : 1;
    return binary('Mul', value, scalar(factor), NoMatching);
  },
  VectorSelector: (node, context) => {
    const { isWanted, matches } = selectorOf(node, context.text);
    return vector(
      context.scrapes
        .instant(isWanted, context.at)
        .filter(({ labels }) => matches(labels))
        .flatMap(({ labels, points }) => {
          const last = points.at(-1);
          return last ? [{ labels, value: last.value, at: last.at }] : [];
        }),
    );
  },
  MatrixSelector: (node, context) => {
    const [selector, range] = children(node);
    const rangeMs = durationMs(textOf(expected(range), context));
    const { isWanted, matches } = selectorOf(expected(selector), context.text);
    const fromMs = context.at - rangeMs;
    const series = context.scrapes.range(isWanted, fromMs, context.at).filter(({ labels }) => matches(labels));
    return { type: 'matrix', series, fromMs, toMs: context.at };
  },
  OffsetExpr: (node, context) => {
    const [inner, , duration] = children(node);
    const offset = durationMs(textOf(expected(duration), context));
    return evaluateNode(expected(inner), { ...context, at: context.at - offset });
  },
  FunctionCall: (node, context) => {
    const name = textOf(childAt(node, 0), context);
    const call = Functions[name];
    if (!call) throw new QueryError(`not simulated: function ${name}()`);
    return call(
      argumentsOf(node).map((argument) => evaluateNode(argument, context)),
      context.at,
    );
  },
  AggregateExpr: (node, context) => {
    const operator = textOf(childAt(node, 0), context);
    const modifier = node.getChild('AggregateModifier');
    const values = argumentsOf(node).map((argument) => evaluateNode(argument, context));
    if (values.length !== 1) throw new QueryError(`not simulated: ${operator} with ${values.length} arguments`);
    const labels = modifier ? labelNames(modifier, context) : [];
    const isWithout = modifier?.getChild('Without') != null;
    return aggregate(operator, expectVector(expected(values[0]), operator), { labels, isWithout, at: context.at });
  },
  BinaryExpr: (node, context) => {
    const nodes = children(node);
    const operator = expected(nodes[1]).name;
    const left = evaluateNode(expected(nodes[0]), context);
    const right = evaluateNode(expected(nodes.at(-1)), context);
    return binary(operator, left, right, matchingOf(node, context));
  },
};

const NoMatching: Matching = { bool: false, on: undefined, ignoring: [], group: undefined, include: [] };

function matchingOf(node: SyntaxNode, context: Context): Matching {
  if (node.getChild('FillModifier') || node.getChild('FillClause'))
    throw new QueryError('not simulated: fill modifiers');
  const clause = node.getChild('MatchingModifierClause');
  const bool = node.getChild('BoolModifier') !== null;
  if (!clause) return { ...NoMatching, bool };
  const [labels, include] = clause.getChildren('GroupingLabels').map((group) => labelNames(group, context));
  return {
    bool,
    on: clause.getChild('On') ? (labels ?? []) : undefined,
    ignoring: clause.getChild('Ignoring') ? (labels ?? []) : [],
    group: clause.getChild('GroupLeft') ? 'left' : clause.getChild('GroupRight') ? 'right' : undefined,
    include: include ?? [],
  };
}

function argumentsOf(node: SyntaxNode): SyntaxNode[] {
  const body = node.getChild('FunctionCallBody');
  return body ? children(body) : [];
}

function labelNames(node: SyntaxNode, context: Context): string[] {
  const names: string[] = [];
  node.cursor().iterate(({ name, node: inner }) => {
    if (name === 'LabelName') names.push(textOf(inner, context));
  });
  return names;
}

function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

function childAt(node: SyntaxNode, index: number): SyntaxNode {
  return expected(children(node)[index]);
}

function expected<T>(value: T | undefined): T {
  if (value === undefined) throw new QueryError('not simulated: an expression of an unknown shape');
  return value;
}

function textOf({ from, to }: SyntaxNode, { text }: Context): string {
  return text.slice(from, to);
}

const UnitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

function parseNumber(text: string): number {
  if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  const number = Number(text.replaceAll('_', ''));
  return Number.isNaN(number) ? durationMs(text) / 1000 : number;
}

function durationMs(text: string): number {
  const parts = [...text.matchAll(/(\d+)(ms|[smhdw])/g)];
  if (parts.map(([part]) => part).join('') !== text) throw new QueryError(`not simulated: the duration ${text}`);
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UnitMs[unit ?? ''] ?? 0), 0);
}
