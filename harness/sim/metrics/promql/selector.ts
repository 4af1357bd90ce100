import type { SyntaxNode } from '@lezer/common';
import type { Labels } from '../families.ts';
import { QueryError } from './value.ts';

interface Matcher {
  label: string;
  matches(value: string): boolean;
}

/** What a vector selector picks: which metrics, and which of their series. */
export function selectorOf(
  node: SyntaxNode,
  text: string,
): { isWanted(metric: string): boolean; matches(labels: Labels): boolean } {
  if (node.name !== 'VectorSelector') throw new QueryError(`not simulated: a range of ${node.name}`);
  const name = node.getChild('Identifier');
  const matchers = (node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []).map((matcher) =>
    matcherOf(matcher, text),
  );
  const quoted =
    node.getChild('LabelMatchers')?.getChild('QuotedLabelName') ??
    node.getChild('LabelMatchers')?.getChild('QuotedLabelMatcher');
  if (quoted) throw new QueryError('not simulated: quoted label names');
  if (!name && matchers.every(({ matches }) => matches(''))) {
    throw new QueryError('vector selector must contain at least one non-empty matcher');
  }
  const named = name
    ? [{ label: '__name__', matches: (value: string) => value === text.slice(name.from, name.to) }]
    : [];
  const all: Matcher[] = [...named, ...matchers];
  const ofName = all.filter(({ label }) => label === '__name__');
  return {
    isWanted: (metric) => ofName.every(({ matches }) => matches(metric)),
    matches: (labels) => all.every(({ label, matches }) => matches(labels[label] ?? '')),
  };
}

function matcherOf(node: SyntaxNode, text: string): Matcher {
  const part = (name: string) => {
    const child = node.getChild(name);
    return child ? text.slice(child.from, child.to) : '';
  };
  const label = part('LabelName');
  const wanted = unquote(part('StringLiteral'));
  const pattern = () => new RegExp(`^(?:${wanted})$`, 's');
  switch (part('MatchOp')) {
    case '=':
      return { label, matches: (value) => value === wanted };
    case '!=':
      return { label, matches: (value) => value !== wanted };
    case '=~': {
      const expression = pattern();
      return { label, matches: (value) => expression.test(value) };
    }
    case '!~': {
      const expression = pattern();
      return { label, matches: (value) => !expression.test(value) };
    }
    default:
      throw new QueryError(`not simulated: matcher ${text.slice(node.from, node.to)}`);
  }
}

function unquote(literal: string): string {
  const inner = literal.slice(1, -1);
  return literal.startsWith('`') ? inner : inner.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
}
