import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** Where in a query (both from 1) and what is wrong with it. */
export interface PromqlProblem {
  line: number;
  column: number;
  message: string;
}

type Type = 'an instant vector' | 'a range vector' | 'a scalar' | 'a string' | 'anything';

/** The names that a query may use as `${name}`. `match` stands for matchers between braces, or for none. */
export const queryVariables = ['namespaces', 'wave', 'revision', 'from', 'window', 'match'] as const;
export type QueryVariables = Readonly<Record<(typeof queryVariables)[number], string>>;

const variable = /\$\{([^}]*)\}/g;

/** With the comma behind it, which would be left over in `{${match}, a="b"}`; the one before it may end a list of matchers. */
export const emptyMatch = /\$\{match\}\s*,?/g;

/** @throws TypeError for a variable without a value; `unknownVariables` finds those beforehand */
export function fillTemplate(query: string, variables: QueryVariables): string {
  const written = variables.match === '' ? query.replace(emptyMatch, '') : query;
  return written.replace(variable, (whole, name: string) => {
    if (!isVariable(name)) throw new TypeError(`${whole} is not a variable of queries`);
    return variables[name];
  });
}

export function unknownVariables(query: string): string[] {
  const names = [...query.matchAll(variable)].map(([, name = '']) => name).filter((name) => !isVariable(name));
  return [...new Set(names)];
}

/** Every vector selector's text, once each, without range and offset: what `count()` of it tells is whether it has series at all. */
export function selectorsOf(query: string): string[] {
  const found = new Set<string>();
  parser.parse(query).iterate({
    enter: ({ name, from, to }) => {
      if (name === 'VectorSelector') found.add(query.slice(from, to).trim());
    },
  });
  return [...found];
}

/**
 * Errors that Prometheus would surely report for an instant query, by its own grammar; variables filled in beforehand.
 * What only a server knows (its version, experimental functions) passes.
 */
export function lintPromql(query: string): PromqlProblem[] {
  const tree = parser.parse(query);
  const problems: PromqlProblem[] = [];
  const complain = (position: number, message: string) => problems.push({ ...placeOf(query, position), message });

  const broken = firstError(tree.topNode);
  if (broken) {
    complain(broken.from, syntaxMessage(query, broken));
    return problems;
  }
  const expression = childrenOf(tree.topNode).find(({ name }) => name !== 'LineComment');
  if (!expression) {
    complain(0, 'the query is empty');
    return problems;
  }
  checkEscapes(tree.topNode, query, complain);
  const type = typeOf(expression, query, complain);
  if (problems.length === 0 && type !== 'an instant vector' && type !== 'a scalar' && type !== 'anything') {
    complain(expression.from, `the query results in ${type}, but one number a series is needed`);
  }
  return problems;
}

const isVariable = (name: string): name is keyof QueryVariables => queryVariables.some((known) => known === name);

function placeOf(query: string, position: number): { line: number; column: number } {
  const before = query.slice(0, position).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** The first place where the grammar gave up; what comes after it is the parser's guess. */
function firstError(node: SyntaxNode): SyntaxNode | undefined {
  let first: SyntaxNode | undefined;
  node.cursor().iterate((ref) => {
    if (ref.type.isError && (!first || ref.from < first.from)) first = ref.node;
  });
  return first;
}

function syntaxMessage(query: string, { from }: SyntaxNode): string {
  if (query.trim() === '') return 'the query is empty';
  const rest = query.slice(from);
  const name = /([A-Za-z_:][\w:]*)\s*$/.exec(query.slice(0, from))?.[1];
  if (/^\s*\(/.test(rest) && name !== undefined) return `unknown function "${name}"`;
  const word = /^\s*([\w:.]+|"[^"]*"?|\S)/.exec(rest)?.[1];
  return word === undefined ? 'unexpected end of the query' : `unexpected ${word}`;
}

/** Double and single quotes know Go's escapes only: `"\d"` is an error, in backticks it is not. */
function checkEscapes(top: SyntaxNode, query: string, complain: Complain): void {
  top.cursor().iterate(({ name, from, to }) => {
    if (name !== 'StringLiteral' || query[from] === '`') return;
    for (const { 0: written, 1: letter = '', index } of query.slice(from, to).matchAll(/\\([\s\S])/g)) {
      const known = 'abfnrtvxuU\\01234567'.includes(letter) || letter === query[from];
      if (!known) complain(from + index, `unknown escape ${written}; write \\${written}, or the string in backticks`);
    }
  });
}

type Complain = (position: number, message: string) => void;

/** Infers what an expression results in, complaining about operands that cannot be. */
function typeOf(node: SyntaxNode, query: string, complain: Complain): Type {
  const children = childrenOf(node);
  const expect = (wanted: Type, child: SyntaxNode | undefined, where: string) => {
    if (!child) return;
    const got = typeOf(child, query, complain);
    if (got !== wanted && got !== 'anything' && wanted !== 'anything')
      complain(child.from, `${where} needs ${wanted}, not ${got}`);
  };
  switch (node.name) {
    case 'NumberDurationLiteral':
      return 'a scalar';
    case 'StringLiteral':
      return 'a string';
    case 'SubqueryExpr':
      // Prometheus binds the brackets to the operand before them, the grammar here to the whole.
      if (children[0] && ['BinaryExpr', 'UnaryExpr'].includes(children[0].name)) {
        complain(children[0].from, 'a subquery of an operation needs parentheses around the operation');
      }
      expect('an instant vector', children[0], 'a subquery');
      return 'a range vector';
    case 'VectorSelector':
      checkMatchers(node, query, complain);
      return 'an instant vector';
    case 'MatrixSelector': {
      const selector = children[0];
      if (selector && selector.name !== 'VectorSelector')
        complain(selector.from, 'a range is for a selector; write a subquery as [5m:]');
      else if (selector) typeOf(selector, query, complain);
      return 'a range vector';
    }
    case 'ParenExpr':
    case 'OffsetExpr':
    case 'StepInvariantExpr':
    case 'AnchoredExpr':
    case 'SmoothedExpr':
      return children[0] ? typeOf(children[0], query, complain) : 'anything';
    case 'UnaryExpr': {
      const operand = children.at(-1);
      const type = operand ? typeOf(operand, query, complain) : 'anything';
      if (operand && (type === 'a range vector' || type === 'a string'))
        complain(operand.from, `a sign is not for ${type}`);
      return type;
    }
    case 'AggregateExpr':
      checkAggregation(node, query, expect, complain);
      return 'an instant vector';
    case 'BinaryExpr':
      return typeOfBinary(node, query, complain);
    case 'FunctionCall':
      return typeOfCall(node, query, expect, complain);
    default:
      return 'anything';
  }
}

function checkMatchers(node: SyntaxNode, query: string, complain: Complain): void {
  if (node.getChild('Identifier')) return;
  const matchers = node.getChild('LabelMatchers');
  if (!matchers || childrenOf(matchers).some(({ name }) => name === 'QuotedLabelName')) return;
  // The server refuses a selector that could pick everything there is.
  const picky = childrenOf(matchers).some((matcher) => {
    const [, operator = '', value = ''] =
      /(=~|!~|!=|=)\s*["'`]([\s\S]*)["'`]\s*$/.exec(query.slice(matcher.from, matcher.to)) ?? [];
    if (operator === '=') return value !== '';
    if (operator === '!=') return value === '';
    return operator === '!~' || !matchesEmpty(value);
  });
  if (!picky) complain(node.from, 'a selector without a name needs a matcher that does not match the empty string');
}

/** Go's regular expressions are not JavaScript's; where they differ the benefit of the doubt is given. */
function matchesEmpty(pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test('');
  } catch {
    return false;
  }
}

type Expect = (wanted: Type, child: SyntaxNode | undefined, where: string) => void;

const aggregationsWithParameter: Readonly<Record<string, Type>> = {
  topk: 'a scalar',
  bottomk: 'a scalar',
  quantile: 'a scalar',
  limitk: 'a scalar',
  limit_ratio: 'a scalar',
  count_values: 'a string',
};

function checkAggregation(node: SyntaxNode, query: string, expect: Expect, complain: Complain): void {
  const operator = node.getChild('AggregateOp');
  const name = operator ? query.slice(operator.from, operator.to).toLowerCase() : '';
  const args = argumentsOf(node);
  const parameter = aggregationsWithParameter[name];
  const wanted = parameter === undefined ? 1 : 2;
  if (args.length !== wanted) {
    complain(node.from, `${name} needs ${wanted === 1 ? 'one argument' : 'two arguments'}, not ${args.length}`);
    return;
  }
  if (parameter !== undefined) expect(parameter, args[0], `the first argument of ${name}`);
  expect('an instant vector', args.at(-1), name);
}

const setOperators = ['And', 'Or', 'Unless'];
const comparisons = ['Eql', 'Neq', 'Gtr', 'Lss', 'Gte', 'Lte'];

function typeOfBinary(node: SyntaxNode, query: string, complain: Complain): Type {
  const children = childrenOf(node);
  const [left, operator, right] = [children[0], children[1], children.at(-1)];
  if (!left || !operator || !right) return 'anything';
  const sides = [left, right].map((side) => ({ side, type: typeOf(side, query, complain) }));
  const sign = query.slice(operator.from, operator.to);
  for (const { side, type } of sides) {
    if (type === 'a range vector' || type === 'a string') {
      complain(side.from, `"${sign}" is not for ${type}`);
      return 'anything';
    }
    if (type === 'a scalar' && setOperators.includes(operator.name))
      complain(side.from, `"${sign}" needs instant vectors, not a scalar`);
  }
  const types = sides.map(({ type }) => type);
  if (types.includes('anything')) return 'anything';
  if (types.includes('an instant vector')) return 'an instant vector';
  if (comparisons.includes(operator.name) && !node.getChild('BoolModifier')) {
    complain(operator.from, `a comparison of two scalars needs "bool" after "${sign}"`);
  }
  return 'a scalar';
}

const byLetter: Readonly<Record<string, Type>> = {
  v: 'an instant vector',
  m: 'a range vector',
  s: 'a scalar',
  t: 'a string',
};

/**
 * Arguments of functions by letter (see `byLetter`); behind `?` they may be left out, and `*` repeats the last one.
 * @see https://github.com/prometheus/prometheus/blob/main/promql/parser/functions.go
 */
const signatures: Readonly<Record<string, string>> = {
  ...each('v', 'abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log10 log2 rad scalar sgn'),
  ...each('v', 'sin sinh sort sort_desc sqrt tan tanh timestamp'),
  ...each('v', 'histogram_avg histogram_count histogram_stddev histogram_stdvar histogram_sum'),
  ...each('?v', 'day_of_month day_of_week day_of_year days_in_month hour minute month year'),
  ...each(
    'm',
    'absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase irate',
  ),
  ...each(
    'm',
    'last_over_time mad_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time',
  ),
  ...each('m', 'stdvar_over_time sum_over_time ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time'),
  ...each('m', 'ts_of_min_over_time'),
  ...each('', 'pi time'),
  clamp: 'vss',
  clamp_max: 'vs',
  clamp_min: 'vs',
  double_exponential_smoothing: 'mss',
  histogram_fraction: 'ssv',
  histogram_quantile: 'sv',
  label_join: 'vtt?t*',
  label_replace: 'vtttt',
  predict_linear: 'ms',
  quantile_over_time: 'sm',
  round: 'v?s',
  sort_by_label: 'v?t*',
  sort_by_label_desc: 'v?t*',
  vector: 's',
};

const scalarFunctions = ['scalar', 'time', 'pi'];

function each(signature: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, signature]));
}

function typeOfCall(node: SyntaxNode, query: string, expect: Expect, complain: Complain): Type {
  const identifier = node.getChild('FunctionIdentifier');
  const name = identifier ? query.slice(identifier.from, identifier.to) : '';
  const signature = signatures[name];
  // Experimental functions change from version to version; the server is asked about them.
  if (signature === undefined) return 'anything';
  const [needed = '', optional = ''] = signature.split('?');
  const letters = (needed + optional).replace('*', '');
  const args = argumentsOf(node);
  if (args.length < needed.length || (args.length > letters.length && !signature.endsWith('*'))) {
    complain(
      node.from,
      `${name} takes ${countOf(needed.length, letters.length, signature.endsWith('*'))}, not ${args.length}`,
    );
  } else {
    for (const [index, argument] of args.entries()) {
      expect(byLetter[letters[index] ?? letters.at(-1) ?? ''] ?? 'anything', argument, name);
    }
  }
  return scalarFunctions.includes(name) ? 'a scalar' : 'an instant vector';
}

function countOf(least: number, most: number, open: boolean): string {
  const noun = (count: number) => `${count} argument${count === 1 ? '' : 's'}`;
  if (open) return `at least ${noun(least)}`;
  return least === most ? noun(least) : `${least} to ${noun(most)}`;
}

const argumentsOf = (node: SyntaxNode): SyntaxNode[] => {
  const body = node.getChild('FunctionCallBody');
  return body ? childrenOf(body) : [];
};

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling)
    if (child.name !== 'LineComment') children.push(child);
  return children;
}
