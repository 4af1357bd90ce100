import { type Binary, type Call, comparisons, type Expression, setOperators, type ValueType } from './ast.ts';
import { notSimulated, parseError } from './query-error.ts';
import { Signatures } from './signatures.ts';

const Documented: Readonly<Record<ValueType, string>> = {
  scalar: 'scalar',
  vector: 'instant vector',
  matrix: 'range vector',
  string: 'string',
};

/**
 * What an expression results in.
 * @throws QueryError for operands that cannot be, in Prometheus' own words; for functions that are not simulated
 */
export function checkTypes(expression: Expression, query: string): ValueType {
  const expectType = (operand: Expression, wanted: ValueType, where: string) => {
    const got = checkTypes(operand, query);
    if (got === wanted) return;
    throw parseError(query, operand.from, `expected type ${Documented[wanted]} in ${where}, got ${Documented[got]}`);
  };
  switch (expression.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'paren':
      return checkTypes(expression.operand, query);
    case 'selector':
      if (!expression.hasName && expression.matchers.every(({ matches }) => matches(''))) {
        throw parseError(query, expression.from, 'vector selector must contain at least one non-empty matcher');
      }
      return 'vector';
    case 'matrix':
      checkTypes(expression.selector, query);
      return 'matrix';
    case 'subquery': {
      const type = checkTypes(expression.operand, query);
      if (type !== 'vector') {
        const message = `subquery is only allowed on instant vector, got ${type} instead`;
        throw parseError(query, expression.from, message);
      }
      return 'matrix';
    }
    case 'unary': {
      const type = checkTypes(expression.operand, query);
      if (type === 'scalar' || type === 'vector') return type;
      const message = `unary expression only allowed on expressions of type scalar or instant vector, got "${Documented[type]}"`;
      throw parseError(query, expression.from, message);
    }
    case 'aggregation': {
      const { operator, parameter, operand } = expression;
      expectType(operand, 'vector', 'aggregation expression');
      if (parameter) expectType(parameter, operator === 'count_values' ? 'string' : 'scalar', 'aggregation parameter');
      return 'vector';
    }
    case 'binary':
      return typeOfBinary(expression, query);
    case 'call':
      return typeOfCall(expression, query, expectType);
  }
}

function typeOfBinary(binary: Binary, query: string): ValueType {
  const { operator, operatorFrom, left, right, bool, matching } = binary;
  const types = [left, right].map((side) => ({ side, type: checkTypes(side, query) }));
  const isComparison = comparisons.includes(operator);
  const areScalars = types.every(({ type }) => type === 'scalar');
  const areVectors = types.every(({ type }) => type === 'vector');
  if (bool && !isComparison) {
    throw parseError(query, operatorFrom, 'bool modifier can only be used on comparison operators');
  }
  if (isComparison && !bool && areScalars) {
    throw parseError(query, operatorFrom, 'comparisons between scalars must use BOOL modifier');
  }
  const twice = matching.isOn && matching.labels.find((label) => matching.include.includes(label));
  if (twice) throw parseError(query, operatorFrom, `label "${twice}" must not occur in ON and GROUP clause at once`);
  for (const { side, type } of types) {
    if (type === 'scalar' || type === 'vector') continue;
    throw parseError(query, side.from, 'binary expression must contain only scalar and instant vector types');
  }
  const isSet = setOperators.includes(operator);
  if (!areVectors && matching.labels.length > 0) {
    throw parseError(query, binary.from, 'vector matching only allowed between instant vectors');
  }
  if (areVectors && isSet && matching.group) {
    throw parseError(query, binary.from, `no grouping allowed for "${operator}" operation`);
  }
  if (!areVectors && isSet) {
    throw parseError(query, binary.from, `set operator "${operator}" not allowed in binary scalar expression`);
  }
  return areScalars ? 'scalar' : 'vector';
}

type ExpectType = (operand: Expression, wanted: ValueType, where: string) => void;

function typeOfCall({ name, args, from }: Call, query: string, expectType: ExpectType): ValueType {
  const signature = Object.hasOwn(Signatures, name) ? Signatures[name] : undefined;
  if (!signature) throw notSimulated(`function ${name}()`);
  const wanted = signature.args.length;
  const least = signature.variadic === 0 ? wanted : wanted - 1;
  const most = signature.variadic < 0 ? Number.POSITIVE_INFINITY : least + signature.variadic;
  const complain = (how: string) => parseError(query, from, `expected ${how} in call to "${name}", got ${args.length}`);
  if (signature.variadic === 0 && args.length !== wanted) throw complain(`${wanted} argument(s)`);
  if (args.length < least) throw complain(`at least ${least} argument(s)`);
  if (signature.variadic !== 0 && args.length > most) throw complain(`at most ${most} argument(s)`);
  for (const [index, argument] of args.entries()) {
    const type = signature.args[Math.min(index, wanted - 1)] ?? 'vector';
    expectType(argument, type, `call to function "${name}"`);
  }
  return signature.result;
}
