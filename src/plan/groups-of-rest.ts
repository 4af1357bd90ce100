import type { Plan, Wave } from '../model/plan.ts';

/** The wave "*" of a plan, as the config has it. */
export type Rest = NonNullable<Plan['rest']>;

/**
 * The groups of the wave "*", each with its own bake and verdict. A namespace stays in the group that it has, and what joins comes after
 * all others: otherwise one new name would shift every group, and nothing that was proven of them would hold.
 * @param namespaces all that the wave has now
 * @param before the groups so far; empty for a new plan
 */
export function groupsOfRest(rest: Rest, namespaces: readonly string[], before: readonly Wave[]): readonly Wave[] {
  const here = new Set(namespaces);
  const kept = before
    .map((group) => ({ ...group, namespaces: group.namespaces.filter((name) => here.has(name)) }))
    .filter((group) => group.namespaces.length > 0);
  const known = new Set(kept.flatMap((group) => group.namespaces));
  const joined = namespaces.filter((name) => !known.has(name)).sort();
  const size = sizeOf(rest, namespaces.length);
  const last = kept.at(-1);
  if (last === undefined) return named(rest, chunks(joined, size));
  const room = Math.max(0, size - last.namespaces.length);
  const filled = { ...last, namespaces: [...last.namespaces, ...joined.slice(0, room)].sort() };
  const first = 1 + Math.max(...kept.map(({ name }) => numberIn(name, rest)));
  const more = chunks(joined.slice(room), size).map((group, index) => ({
    name: `${rest.wave}-${first + index}`,
    namespaces: group,
  }));
  return [...kept.slice(0, -1), filled, ...more];
}

/** Of a plan: the groups of its wave "*". */
export function restOf({ rest, waves }: Pick<Plan, 'rest' | 'waves'>): readonly Wave[] {
  return rest === undefined ? [] : waves.filter(({ name }) => isGroupOf(name, rest.wave));
}

/** Groups are called `rest`, or `rest-1`, `rest-2`; the config refuses such a name for another wave. */
export function isGroupOf(name: string, wave: string): boolean {
  return name === wave || (name.startsWith(`${wave}-`) && /^\d+$/.test(name.slice(wave.length + 1)));
}

/** `rest` alone counts as the first. */
const numberIn = (name: string, { wave }: Rest): number => (name === wave ? 1 : Number(name.slice(wave.length + 1)));

/** A wave that may not go all at once becomes several. */
export const named = ({ wave }: Pick<Rest, 'wave'>, groups: readonly (readonly string[])[]): readonly Wave[] =>
  groups.map((namespaces, index) => ({ name: groups.length === 1 ? wave : `${wave}-${index + 1}`, namespaces }));

/** At least one namespace. */
export const sizeOf = ({ atOnce }: Pick<Rest, 'atOnce'>, namespaces: number): number =>
  Math.max(1, 'count' in atOnce ? atOnce.count : Math.ceil(namespaces * atOnce.ratio));

export function chunks(names: readonly string[], size: number): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(names.length / size) }, (_, index) =>
    names.slice(index * size, (index + 1) * size),
  );
}
