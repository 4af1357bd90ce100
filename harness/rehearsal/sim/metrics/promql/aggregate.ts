import type { Labels } from '../sample-store.ts';
import { maximum, mean, minimum, preciseSum, quantile, variance } from './arithmetic.ts';
import type { Aggregation } from './ast.ts';
import { formatGoFloat } from './format-float.ts';
import type { Notes } from './notes.ts';
import { executionError, notSimulated } from './query-error.ts';
import { keep, labelKey, type Sample, type Value, vector, withLabel, without } from './value.ts';

const Reducers: Readonly<Record<string, (values: readonly number[]) => number>> = {
  sum: preciseSum,
  avg: mean,
  count: (values) => values.length,
  group: () => 1,
  max: maximum,
  min: minimum,
  stdvar: variance,
  stddev: (values) => Math.sqrt(variance(values)),
};

interface Group {
  labels: Labels;
  samples: Sample[];
}

/** @param parameter of `topk`, `quantile` and the like, a number or a string */
export function aggregate(
  aggregation: Aggregation,
  samples: readonly Sample[],
  parameter: Value | undefined,
  notes: Notes,
): Value {
  const { operator } = aggregation;
  const groups = groupsOf(aggregation, samples);
  const reduced = (reduce: (values: readonly number[]) => number): Value => ({
    type: 'vector',
    samples: groups.map(({ labels, samples: members }) => ({
      labels,
      value: reduce(members.map(({ value }) => value)),
    })),
  });
  const reduce = Reducers[operator];
  if (reduce) return reduced(reduce);
  if (operator === 'count_values' && parameter?.type === 'string') {
    return countValues(groups, parameter.value);
  }
  if (parameter?.type !== 'scalar') throw notSimulated(`aggregation ${operator}`);
  switch (operator) {
    case 'quantile':
      warnOfQuantile(parameter.value, notes, aggregation.parameter ?? aggregation);
      return reduced((values) => quantile(parameter.value, values));
    case 'topk':
      return vector(extremes(groups, parameter.value, -1));
    case 'bottomk':
      return vector(extremes(groups, parameter.value, 1));
    default:
      throw notSimulated(`aggregation ${operator}`);
  }
}

export function warnOfQuantile(q: number, notes: Notes, place: { from: number }): void {
  if (q >= 0 && q <= 1) return;
  notes.warn(`quantile value should be between 0 and 1, got ${formatGoFloat(q)}`, place);
}

function groupsOf(aggregation: Aggregation, samples: readonly Sample[]): Group[] {
  const groups = new Map<string, Group>();
  for (const sample of samples) {
    const { key, labels } = groupOf(aggregation, sample.labels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels, samples: [sample] });
    else group.samples.push(sample);
  }
  return [...groups.values()];
}

interface GroupName {
  key: string;
  labels: Labels;
}

const groupNames = new WeakMap<Aggregation, WeakMap<Labels, GroupName>>();

/** Series keep their label sets, so the group of one of them is worked out once for all steps of a query. */
function groupOf(aggregation: Aggregation, labels: Labels): GroupName {
  const names = groupNames.get(aggregation) ?? new WeakMap<Labels, GroupName>();
  groupNames.set(aggregation, names);
  const known = names.get(labels);
  if (known !== undefined) return known;
  const made = newGroup(aggregation, labels);
  names.set(labels, made);
  return made;
}

function newGroup({ isWithout, labels: names }: Aggregation, labels: Labels): GroupName {
  if (!isWithout) return { key: valuesKey(labels, names), labels: keep(labels, names) };
  const rest = without(labels, ['__name__', ...names]);
  return { key: labelKey(rest), labels: rest };
}

/** What a group by these names is known by; lengths keep values apart whatever they contain. */
function valuesKey(labels: Labels, names: readonly string[]): string {
  let key = '';
  for (const name of names) {
    const value = labels[name] ?? '';
    key += `${value.length}:${value}`;
  }
  return key;
}

/** @param direction -1 for the largest first, 1 for the smallest; NaN is neither */
function extremes(groups: readonly Group[], k: number, direction: 1 | -1): Sample[] {
  if (Number.isNaN(k)) throw executionError('Parameter value is NaN');
  if (k <= -(2 ** 63)) throw executionError(`Scalar value ${formatGoFloat(k)} underflows int64`);
  if (k >= 2 ** 63) throw executionError(`Scalar value ${formatGoFloat(k)} overflows int64`);
  const byValue = ({ value: a }: Sample, { value: b }: Sample) =>
    Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : direction * (a - b);
  return groups.flatMap(({ samples }) => samples.toSorted(byValue).slice(0, Math.max(0, Math.trunc(k))));
}

function countValues(groups: readonly Group[], label: string): Value {
  return vector(
    groups.flatMap(({ labels, samples }) => {
      const counts = new Map<string, number>();
      for (const { value } of samples) {
        const text = formatGoFloat(value);
        counts.set(text, (counts.get(text) ?? 0) + 1);
      }
      return [...counts].map(([text, count]) => ({ labels: withLabel(labels, label, text), value: count }));
    }),
  );
}
