import { drop, keep, labelKey, QueryError, type Sample, scalar, type Value, vector, withoutName } from './value.ts';

/** How two vectors find each other. */
export interface Matching {
  bool: boolean;
  /** `on(...)`, else `ignoring(...)`; both left out means all labels. */
  on: readonly string[] | undefined;
  ignoring: readonly string[];
  group: 'left' | 'right' | undefined;
  include: readonly string[];
}

const Arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Mod: (a, b) => a % b,
  Pow: (a, b) => a ** b,
};
const Comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  Eql: (a, b) => a === b,
  Neq: (a, b) => a !== b,
  Gtr: (a, b) => a > b,
  Lss: (a, b) => a < b,
  Gte: (a, b) => a >= b,
  Lte: (a, b) => a <= b,
};

/** @param operator the grammar's name of it, such as `Add` or `Unless` */
export function binary(operator: string, left: Value, right: Value, matching: Matching): Value {
  if (operator === 'And' || operator === 'Or' || operator === 'Unless')
    return setOperation(operator, left, right, matching);
  const isComparison = operator in Comparisons;
  const compute = (a: number, b: number): number | undefined => {
    if (isComparison) {
      const holds = Comparisons[operator]?.(a, b) ?? false;
      return matching.bool ? Number(holds) : holds ? a : undefined;
    }
    const calculate = Arithmetic[operator];
    if (!calculate) throw new QueryError(`not simulated: operator ${operator}`);
    return calculate(a, b);
  };
  const isFilter = isComparison && !matching.bool;
  if (left.type === 'scalar' && right.type === 'scalar') {
    if (isFilter) throw new QueryError('comparisons between scalars must use BOOL modifier');
    return scalar(compute(left.value, right.value) ?? Number.NaN);
  }
  if (left.type === 'vector' && right.type === 'scalar') {
    return each(left.samples, isFilter, ({ value }) => compute(value, right.value));
  }
  if (left.type === 'scalar' && right.type === 'vector') {
    return each(right.samples, isFilter, ({ value }) => {
      const result = compute(left.value, value);
      return result === undefined || !isFilter ? result : value;
    });
  }
  if (left.type !== 'vector' || right.type !== 'vector') {
    throw new QueryError('binary expression must contain only scalar and instant vector types');
  }
  return join(left.samples, right.samples, matching, isFilter, compute);
}

function each(samples: readonly Sample[], keepsName: boolean, change: (sample: Sample) => number | undefined): Value {
  return vector(
    samples.flatMap((sample) => {
      const value = change(sample);
      return value === undefined
        ? []
        : [{ ...sample, labels: keepsName ? sample.labels : withoutName(sample.labels), value }];
    }),
  );
}

function join(
  left: readonly Sample[],
  right: readonly Sample[],
  matching: Matching,
  isFilter: boolean,
  compute: (a: number, b: number) => number | undefined,
): Value {
  const isMirrored = matching.group === 'right';
  const [many, one] = isMirrored ? [right, left] : [left, right];
  const partners = new Map<string, Sample>();
  for (const sample of one) {
    const key = signature(sample, matching);
    if (partners.has(key)) {
      throw new QueryError(
        'found duplicate series for the match group on the "one" side of the operation; many-to-many matching not allowed: matching labels must be unique on one side',
      );
    }
    partners.set(key, sample);
  }
  const matched = new Set<string>();
  return vector(
    many.flatMap((sample) => {
      const key = signature(sample, matching);
      const partner = partners.get(key);
      if (!partner) return [];
      if (!matching.group && matched.has(key)) {
        throw new QueryError(
          'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
        );
      }
      matched.add(key);
      const value = isMirrored ? compute(partner.value, sample.value) : compute(sample.value, partner.value);
      return value === undefined
        ? []
        : [{ labels: resultLabels(sample, partner, matching, isFilter), value, at: sample.at }];
    }),
  );
}

function resultLabels(many: Sample, one: Sample, { on, ignoring, group, include }: Matching, isFilter: boolean) {
  if (group) return { ...withoutName(many.labels), ...keep(one.labels, include) };
  if (isFilter) return on ? keep(many.labels, on) : many.labels;
  return on ? keep(many.labels, on) : drop(many.labels, ignoring);
}

function setOperation(operator: string, left: Value, right: Value, matching: Matching): Value {
  if (left.type !== 'vector' || right.type !== 'vector') {
    throw new QueryError(`set operator "${operator.toLowerCase()}" not allowed in binary scalar expression`);
  }
  const leftKeys = new Set(left.samples.map((sample) => signature(sample, matching)));
  const rightKeys = new Set(right.samples.map((sample) => signature(sample, matching)));
  switch (operator) {
    case 'And':
      return vector(left.samples.filter((sample) => rightKeys.has(signature(sample, matching))));
    case 'Unless':
      return vector(left.samples.filter((sample) => !rightKeys.has(signature(sample, matching))));
    default:
      return vector([...left.samples, ...right.samples.filter((sample) => !leftKeys.has(signature(sample, matching)))]);
  }
}

function signature({ labels }: Sample, { on, ignoring }: Matching): string {
  return labelKey(on ? keep(labels, on) : drop(labels, ignoring));
}
