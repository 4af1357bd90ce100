import type { Matcher } from '../sample-store.ts';

export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string';

/** Where in the query an expression starts, from 0; Prometheus' messages name it. */
interface Placed {
  from: number;
}

/** When a selector looks, instead of at the moment of evaluation. */
export interface Timing {
  offsetMs: number;
  /** Unix milliseconds, or the bounds of the query. */
  at: number | 'start' | 'end' | undefined;
}

interface NumberLiteral extends Placed {
  kind: 'number';
  value: number;
}
interface StringLiteral extends Placed {
  kind: 'string';
  value: string;
}
export interface VectorSelector extends Placed {
  kind: 'selector';
  /** Also the matcher of `__name__`, if the name stands before the braces. */
  matchers: readonly Matcher[];
  hasName: boolean;
  timing: Timing;
}
interface MatrixSelector extends Placed {
  kind: 'matrix';
  selector: VectorSelector;
  rangeMs: number;
}
export interface Subquery extends Placed {
  kind: 'subquery';
  operand: Expression;
  rangeMs: number;
  /** Left out: the server's evaluation interval. */
  stepMs: number | undefined;
  timing: Timing;
}
export interface Call extends Placed {
  kind: 'call';
  name: string;
  args: readonly Expression[];
}
export interface Aggregation extends Placed {
  kind: 'aggregation';
  operator: string;
  parameter: Expression | undefined;
  operand: Expression;
  labels: readonly string[];
  isWithout: boolean;
}
/** How two vectors find each other. */
export interface Matching {
  /** Whether `labels` are those to match `on`, or those to ignore. */
  isOn: boolean;
  labels: readonly string[];
  group: 'left' | 'right' | undefined;
  include: readonly string[];
}
export interface Binary extends Placed {
  kind: 'binary';
  operator: string;
  /** Where the operator stands, from 0. */
  operatorFrom: number;
  left: Expression;
  right: Expression;
  bool: boolean;
  matching: Matching;
}
interface Unary extends Placed {
  kind: 'unary';
  operator: '+' | '-';
  operand: Expression;
}
interface Paren extends Placed {
  kind: 'paren';
  operand: Expression;
}

export type Expression =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | Call
  | Aggregation
  | Binary
  | Unary
  | Paren;

export const setOperators: readonly string[] = ['and', 'or', 'unless'];
export const comparisons: readonly string[] = ['==', '!=', '>', '<', '>=', '<='];

/** The expression inside any number of parentheses. */
export function unwrap(expression: Expression): Expression {
  return expression.kind === 'paren' ? unwrap(expression.operand) : expression;
}
