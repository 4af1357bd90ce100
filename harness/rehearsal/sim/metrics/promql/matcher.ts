import type { Matcher } from '../sample-store.ts';
import { anchoredExpression } from './regular-expression.ts';

/** @throws QueryError for a regular expression that Go would not take */
export function matcher(label: string, operator: Matcher['operator'], wanted: string): Matcher {
  return { label, operator, wanted, matches: testOf(operator, wanted) };
}

function testOf(operator: Matcher['operator'], wanted: string): Matcher['matches'] {
  switch (operator) {
    case '=':
      return (value) => value === wanted;
    case '!=':
      return (value) => value !== wanted;
    case '=~':
      return testOfExpression(wanted);
    case '!~': {
      const test = testOfExpression(wanted);
      return (value) => !test(value);
    }
  }
}

/** Names side by side, as Prometheus takes them too: a thousand namespaces are looked up, not tried one after the other. */
const plainNames = /^[\w|-]*$/;

function testOfExpression(wanted: string): Matcher['matches'] {
  if (plainNames.test(wanted)) {
    const names = new Set(wanted.split('|'));
    return (value) => names.has(value);
  }
  const expression = anchoredExpression(wanted);
  return (value) => expression.test(value);
}
