import { power } from './arithmetic.ts';
import type { Binary, Matching } from './ast.ts';
import { comparisons, setOperators } from './ast.ts';
import { joinVectors, type Operation, signature } from './join-vectors.ts';
import { notSimulated } from './query-error.ts';
import { type Sample, scalar, type Value, vector, withoutName } from './value.ts';

const Arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': power,
  atan2: Math.atan2,
};
const Comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
};

/** Operands are of the types that the check allows. */
export function binary({ operator, bool, matching }: Binary, left: Value, right: Value): Value {
  const operation = operationOf(operator, bool);
  if (left.type === 'scalar' && right.type === 'scalar') {
    return scalar(operation.compute(left.value, right.value) ?? Number.NaN);
  }
  if (left.type === 'vector' && right.type === 'scalar') {
    return each(left.samples, operation, ({ value }) => operation.compute(value, right.value));
  }
  if (left.type === 'scalar' && right.type === 'vector') {
    return each(right.samples, operation, ({ value }) => {
      const result = operation.compute(left.value, value);
      // A filter keeps the vector's value, on whichever side it stands.
      return result === undefined || !operation.isFilter ? result : value;
    });
  }
  if (left.type !== 'vector' || right.type !== 'vector') throw notSimulated(`${left.type} ${operator} ${right.type}`);
  if (setOperators.includes(operator)) return combine(operator, left.samples, right.samples, matching);
  return vector(joinVectors(left.samples, right.samples, matching, operation));
}

function operationOf(operator: string, bool: boolean): Operation {
  if (!comparisons.includes(operator)) {
    const compute = Arithmetic[operator];
    if (!compute && !setOperators.includes(operator)) throw notSimulated(`operator ${operator}`);
    return { isFilter: false, compute: (a, b) => compute?.(a, b) };
  }
  const holds = (a: number, b: number) => Comparisons[operator]?.(a, b) ?? false;
  if (bool) return { isFilter: false, compute: (a, b) => Number(holds(a, b)) };
  return { isFilter: true, compute: (a, b) => (holds(a, b) ? a : undefined) };
}

function each(
  samples: readonly Sample[],
  { isFilter }: Operation,
  change: (sample: Sample) => number | undefined,
): Value {
  return vector(
    samples.flatMap((sample) => {
      const value = change(sample);
      return value === undefined ? [] : [{ labels: isFilter ? sample.labels : withoutName(sample.labels), value }];
    }),
  );
}

function combine(operator: string, left: readonly Sample[], right: readonly Sample[], matching: Matching): Value {
  const keyOf = ({ labels }: Sample) => signature(labels, matching);
  const leftKeys = new Set(left.map(keyOf));
  const rightKeys = new Set(right.map(keyOf));
  switch (operator) {
    case 'and':
      return vector(left.filter((sample) => rightKeys.has(keyOf(sample))));
    case 'unless':
      return vector(left.filter((sample) => !rightKeys.has(keyOf(sample))));
    default:
      return vector([...left, ...right.filter((sample) => !leftKeys.has(keyOf(sample)))]);
  }
}
