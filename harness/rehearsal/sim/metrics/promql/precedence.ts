import type { Binary, Expression } from './ast.ts';
import { notSimulated } from './query-error.ts';

/** An operation before it is known how far its operands reach. */
export type Item =
  | { kind: 'operand'; operand: Expression }
  | { kind: 'sign'; from: number; operator: '+' | '-' }
  | { kind: 'operator'; operator: Omit<Binary, 'kind' | 'from' | 'left' | 'right'> };

/** Weakest first, as the server's grammar has them; all from the left but the power. */
const Levels: readonly (readonly string[])[] = [
  ['or'],
  ['and', 'unless'],
  ['==', '!=', '>', '<', '>=', '<='],
  ['+', '-'],
  ['*', '/', '%', 'atan2'],
  ['^'],
];
const Power = Levels.length - 1;

/** Groups signs, operators and operands by the precedence of Prometheus' server. */
export function group(items: readonly Item[]): Expression {
  let next = 0;
  const operand = (): Expression => {
    const item = items[next++];
    if (item?.kind === 'operand') return item.operand;
    if (item?.kind !== 'sign') throw notSimulated('an expression of an unknown shape');
    // A sign is as strong as a product: only a power is stronger.
    return { kind: 'unary', from: item.from, operator: item.operator, operand: operation(Power) };
  };
  const operation = (weakest: number): Expression => {
    let left = operand();
    for (;;) {
      const item = items[next];
      if (item?.kind !== 'operator') return left;
      const level = Levels.findIndex((operators) => operators.includes(item.operator.operator));
      if (level === -1) throw notSimulated(`operator ${item.operator.operator}`);
      if (level < weakest) return left;
      next += 1;
      const right = operation(level === Power ? level : level + 1);
      left = { kind: 'binary', from: left.from, ...item.operator, left, right };
    }
  };
  return operation(0);
}
