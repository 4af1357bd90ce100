import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import type { Matcher } from '../sample-store.ts';
import type { Aggregation, Expression, Matching, Timing, VectorSelector } from './ast.ts';
import { durationMs, parseNumber, unquote } from './literals.ts';
import { matcher } from './matcher.ts';
import { group, type Item } from './precedence.ts';
import { notSimulated, parseError, QueryError } from './query-error.ts';

/**
 * A query as a tree, by Prometheus' own grammar for editors, with the precedence of its server.
 * @throws QueryError `bad_data` for a syntax error, in words of our own; `not simulated: ...` for rare syntax
 */
export function parse(query: string): Expression {
  const tree = parser.parse(query);
  let broken: number | undefined;
  tree.iterate({
    enter: ({ type, from }) => {
      if (type.isError) broken ??= from;
    },
  });
  if (broken !== undefined) throw parseError(query, broken, 'unexpected input');
  const [expression] = childrenOf(tree.topNode);
  if (!expression) {
    throw new QueryError(
      'bad_data',
      'invalid parameter "query": unknown position: parse error: no expression found in input',
    );
  }
  return new Builder(query).build(expression);
}

/** Turns the grammar's nodes into ours. */
class Builder {
  readonly #query: string;

  constructor(query: string) {
    this.#query = query;
  }

  build(node: SyntaxNode): Expression {
    return group(this.#flatten(node));
  }

  /**
   * The server binds ranges and times to the operand before them, and a sign to more than its number; the editor's grammar
   * does not. So operations are taken apart here, to be put together by the server's rules.
   */
  #flatten(node: SyntaxNode): Item[] {
    const children = childrenOf(node);
    const first = () => this.#flatten(expected(children[0]));
    switch (node.name) {
      case 'BinaryExpr':
        return [...first(), this.#operator(node, children), ...this.#flatten(expected(children.at(-1)))];
      case 'UnaryExpr':
        return [this.#sign(node), ...this.#flatten(expected(children[1]))];
      case 'NumberDurationLiteral': {
        const text = this.#text(node);
        const digits = text.replace(/^[+-]\s*/, '');
        const from = node.from + text.length - digits.length;
        const number: Item = { kind: 'operand', operand: { kind: 'number', from, value: parseNumber(digits) } };
        return digits === text ? [number] : [this.#sign(node), number];
      }
      case 'MatrixSelector':
        return onLastOperand(first(), this.#ranged(expected(children[1])));
      case 'SubqueryExpr': {
        const rangeMs = this.#duration(children[1]);
        const stepMs = children[2] && this.#duration(children[2]);
        const timing = { offsetMs: 0, at: undefined };
        return onLastOperand(first(), (operand) => {
          return { kind: 'subquery', from: operand.from, operand, rangeMs, stepMs, timing };
        });
      }
      case 'OffsetExpr': {
        const offsetMs = this.#offset(expected(children.at(-1)));
        return onLastOperand(first(), (operand) => this.#retimed(operand, 'offset', { offsetMs }));
      }
      case 'StepInvariantExpr': {
        const at = this.#moment(expected(children.at(-1)));
        return onLastOperand(first(), (operand) => this.#retimed(operand, '@', { at }));
      }
      default:
        return [{ kind: 'operand', operand: this.#operand(node) }];
    }
  }

  #operand(node: SyntaxNode): Expression {
    const { from } = node;
    switch (node.name) {
      case 'StringLiteral':
        return { kind: 'string', from, value: this.#string(node) };
      case 'ParenExpr':
        return { kind: 'paren', from, operand: this.build(expected(childrenOf(node)[0])) };
      case 'VectorSelector':
        return this.#selector(node);
      case 'FunctionCall':
        return { kind: 'call', from, name: this.#text(expected(childrenOf(node)[0])), args: this.#args(node) };
      case 'AggregateExpr':
        return this.#aggregation(node);
      default:
        throw notSimulated(`${node.name} in ${this.#text(node)}`);
    }
  }

  #sign(node: SyntaxNode): Item {
    return { kind: 'sign', from: node.from, operator: this.#query[node.from] === '-' ? '-' : '+' };
  }

  #ranged(duration: SyntaxNode): (operand: Expression) => Expression {
    const rangeMs = this.#duration(duration);
    const bracket = this.#query.lastIndexOf('[', duration.from);
    const refused = (message: string) => parseError(this.#query, bracket, message);
    return (operand) => {
      if (operand.kind !== 'selector') throw refused('ranges only allowed for vector selectors');
      if (operand.timing.at !== undefined) throw refused('no @ modifiers allowed before range');
      if (operand.timing.offsetMs !== 0) throw refused('no offset modifiers allowed before range');
      return { kind: 'matrix', from: operand.from, selector: operand, rangeMs };
    };
  }

  #selector(node: SyntaxNode): VectorSelector {
    const name = node.getChild('Identifier');
    const list = node.getChild('LabelMatchers');
    const matchers = list ? childrenOf(list).map((child) => this.#matcher(child)) : [];
    if (name && matchers.some(({ label }) => label === '__name__')) {
      const other = matchers.find(({ label }) => label === '__name__')?.wanted ?? '';
      const text = this.#text(name);
      throw parseError(this.#query, node.from, `metric name must not be set twice: "${text}" or "${other}"`);
    }
    return {
      kind: 'selector',
      from: node.from,
      matchers: name ? [...matchers, matcher('__name__', '=', this.#text(name))] : matchers,
      hasName: name !== null,
      timing: { offsetMs: 0, at: undefined },
    };
  }

  #matcher(node: SyntaxNode): Matcher {
    if (node.name === 'QuotedLabelName') return matcher('__name__', '=', this.#string(expected(node.firstChild)));
    const label = node.getChild('LabelName');
    const quoted = node.getChild('QuotedLabelName')?.firstChild;
    const name = label ? this.#text(label) : this.#string(expected(quoted));
    const operator = this.#text(expected(node.getChild('MatchOp')));
    const wanted = this.#string(expected(node.getChild('StringLiteral')));
    if (operator !== '=' && operator !== '!=' && operator !== '=~' && operator !== '!~') {
      throw notSimulated(`matcher ${this.#text(node)}`);
    }
    try {
      return matcher(name, operator, wanted);
    } catch (error) {
      if (error instanceof QueryError && !error.message.startsWith('not simulated')) {
        throw parseError(this.#query, node.from, error.message);
      }
      throw error;
    }
  }

  #retimed(operand: Expression, modifier: 'offset' | '@', change: Partial<Timing>): Expression {
    if (operand.kind === 'matrix') {
      const selector = this.#retimed(operand.selector, modifier, change);
      if (selector.kind === 'selector') return { ...operand, selector };
    }
    if (operand.kind !== 'selector' && operand.kind !== 'subquery') {
      const what = modifier === 'offset' ? 'offset modifier' : '@ modifier';
      throw this.#error(
        operand,
        `${what} must be preceded by an instant vector selector or range vector selector or a subquery`,
      );
    }
    if (change.offsetMs !== undefined && operand.timing.offsetMs !== 0) {
      throw this.#error(operand, 'offset may not be set multiple times');
    }
    if (change.at !== undefined && operand.timing.at !== undefined) {
      throw this.#error(operand, '@ <timestamp> may not be set multiple times');
    }
    return { ...operand, timing: { ...operand.timing, ...change } };
  }

  #aggregation(node: SyntaxNode): Aggregation {
    const operator = this.#text(expected(node.getChild('AggregateOp'))).toLowerCase();
    const modifier = node.getChild('AggregateModifier');
    const args = this.#args(node);
    const wanted = withParameter.includes(operator) ? 2 : 1;
    if (args.length === 0) throw parseError(this.#query, node.from, 'no arguments for aggregate expression provided');
    if (args.length !== wanted) {
      throw parseError(
        this.#query,
        node.from,
        `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`,
      );
    }
    return {
      kind: 'aggregation',
      from: node.from,
      operator,
      parameter: wanted === 2 ? args[0] : undefined,
      operand: expected(args.at(-1)),
      labels: modifier ? this.#labels(modifier) : [],
      isWithout: modifier?.getChild('Without') != null,
    };
  }

  #operator(node: SyntaxNode, children: readonly SyntaxNode[]): Item {
    const sign = expected(children[1]);
    if (node.getChild('FillModifier')) throw notSimulated('fill modifiers');
    return {
      kind: 'operator',
      operator: {
        operator: this.#text(sign).toLowerCase(),
        operatorFrom: sign.from,
        bool: node.getChild('BoolModifier') !== null,
        matching: this.#matching(node),
      },
    };
  }

  #matching(node: SyntaxNode): Matching {
    const clause = node.getChild('MatchingModifierClause');
    const groups = clause?.getChildren('GroupingLabels').map((group) => this.#labels(group)) ?? [];
    return {
      isOn: clause?.getChild('On') != null,
      labels: groups[0] ?? [],
      group: clause?.getChild('GroupLeft') ? 'left' : clause?.getChild('GroupRight') ? 'right' : undefined,
      include: groups[1] ?? [],
    };
  }

  #labels(node: SyntaxNode): string[] {
    const names: string[] = [];
    node.cursor().iterate(({ name, node: inner }) => {
      if (name === 'LabelName') names.push(this.#text(inner));
      if (name === 'QuotedLabelName') names.push(this.#string(expected(inner.firstChild)));
    });
    return names;
  }

  #args(node: SyntaxNode): Expression[] {
    const body = node.getChild('FunctionCallBody');
    return body ? childrenOf(body).map((child) => this.build(child)) : [];
  }

  #duration(node: SyntaxNode | undefined): number {
    const text = this.#text(expected(node));
    if (!/^[\d.]/.test(text) || /[\s()+*/^%-]/.test(text)) throw notSimulated(`the duration ${text}`);
    const ms = durationMs(text);
    if (ms <= 0) throw parseError(this.#query, expected(node).from, 'duration must be greater than 0');
    return ms;
  }

  #offset(node: SyntaxNode): number {
    const text = this.#text(node).replaceAll(/\s/g, '');
    if (/[()*/^%]/.test(text)) throw notSimulated(`the offset ${text}`);
    return durationMs(text);
  }

  #moment(node: SyntaxNode): number | 'start' | 'end' {
    if (node.name === 'AtModifierPreprocessors') return node.getChild('AtStart') ? 'start' : 'end';
    const ms = Math.round(parseNumber(this.#text(node).replaceAll(/\s/g, '')) * 1000);
    if (!Number.isFinite(ms)) {
      throw parseError(this.#query, node.from, `timestamp out of bounds for @ modifier: ${this.#text(node)}`);
    }
    return ms;
  }

  #string(node: SyntaxNode): string {
    const literal = this.#text(node);
    const text = unquote(literal);
    if (text === undefined) throw parseError(this.#query, node.from, 'unknown escape sequence');
    return text;
  }

  #text({ from, to }: SyntaxNode): string {
    return this.#query.slice(from, to);
  }

  #error({ from }: Expression, message: string): QueryError {
    return parseError(this.#query, from, message);
  }
}

const withParameter = ['topk', 'bottomk', 'quantile', 'limitk', 'limit_ratio', 'count_values'];

function onLastOperand(items: readonly Item[], change: (operand: Expression) => Expression): Item[] {
  const last = expected(items.at(-1));
  if (last.kind !== 'operand') throw notSimulated('an expression of an unknown shape');
  return [...items.slice(0, -1), { kind: 'operand', operand: change(last.operand) }];
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (child.name !== 'LineComment') found.push(child);
  }
  return found;
}

function expected<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw notSimulated('an expression of an unknown shape');
  return value;
}
