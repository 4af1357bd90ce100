import type { Labels } from '../sample-store.ts';
import type { Matching } from './ast.ts';
import { executionError } from './query-error.ts';
import { keep, labelKey, type Sample, showLabels, withLabel, without, withoutName } from './value.ts';

export interface Operation {
  /** Whether it leaves samples as they are, and some of them out. */
  isFilter: boolean;
  /** @returns undefined for a pair that is left out */
  compute(left: number, right: number): number | undefined;
}

/**
 * One-to-one, many-to-one and one-to-many, by Prometheus' rules and with its messages.
 * @throws QueryError where a side that must be unique is not
 */
export function joinVectors(
  left: readonly Sample[],
  right: readonly Sample[],
  matching: Matching,
  operation: Operation,
): Sample[] {
  if (left.length === 0 || right.length === 0) return [];
  const isMirrored = matching.group === 'right';
  const [many, one] = isMirrored ? [right, left] : [left, right];
  const partners = partnersOf(one, matching, isMirrored ? 'left' : 'right');
  const joined = new Map<string, Set<string>>();
  return many.flatMap((sample) => {
    const key = signature(sample.labels, matching);
    const partner = partners.get(key);
    if (!partner) return [];
    const labels = resultLabels(sample.labels, partner.labels, matching, operation);
    const seen = joined.get(key) ?? new Set();
    expectUnique(seen, labelKey(labels), matching);
    joined.set(key, seen.add(labelKey(labels)));
    const value = isMirrored
      ? operation.compute(partner.value, sample.value)
      : operation.compute(sample.value, partner.value);
    return value === undefined ? [] : [{ labels, value }];
  });
}

const signatures = new WeakMap<Matching, WeakMap<Labels, string>>();

/** Series keep their label sets, so what one of them matches by is worked out once for all steps of a query. */
export function signature(labels: Labels, matching: Matching): string {
  const known = signatures.get(matching) ?? new WeakMap<Labels, string>();
  signatures.set(matching, known);
  const key = known.get(labels) ?? labelKey(matchedLabels(labels, matching));
  known.set(labels, key);
  return key;
}

function matchedLabels(labels: Labels, { isOn, labels: names }: Matching): Labels {
  if (isOn) return keep(labels, names);
  return names.length === 0 ? withoutName(labels) : without(labels, ['__name__', ...names]);
}

function partnersOf(one: readonly Sample[], matching: Matching, side: 'left' | 'right'): Map<string, Sample> {
  const partners = new Map<string, Sample>();
  for (const sample of one) {
    const key = signature(sample.labels, matching);
    const twin = partners.get(key);
    if (twin) {
      const group = showLabels(matchedLabels(sample.labels, matching));
      const twins = [sample, twin].map(({ labels }) => showLabels(labels)).sort();
      throw executionError(
        `found duplicate series for the match group ${group} on the ${side} hand-side of the operation: [${twins.join(', ')}];many-to-many matching not allowed: matching labels must be unique on one side`,
      );
    }
    partners.set(key, sample);
  }
  return partners;
}

function expectUnique(seen: ReadonlySet<string>, result: string, { group }: Matching): void {
  if (!group && seen.size > 0) {
    throw executionError('multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)');
  }
  if (seen.has(result)) {
    throw executionError('multiple matches for labels: grouping labels must ensure unique matches');
  }
}

function resultLabels(many: Labels, one: Labels, matching: Matching, { isFilter }: Operation): Labels {
  const { isOn, labels: names, group, include } = matching;
  const named = isFilter ? many : withoutName(many);
  if (group) return include.reduce((labels, name) => withLabel(labels, name, one[name] ?? ''), named);
  if (isOn) return keep(named, names);
  return names.length === 0 ? named : without(named, names);
}
