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
    case '=~': {
      const expression = anchoredExpression(wanted);
      return (value) => expression.test(value);
    }
    case '!~': {
      const expression = anchoredExpression(wanted);
      return (value) => !expression.test(value);
    }
  }
}
