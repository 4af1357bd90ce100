import type { Problem } from '../model/finding.ts';
import type { Plan, Wave } from '../model/plan.ts';
import type { World } from '../model/world.ts';
import { workloadsOf } from './next-restarts.ts';
import { TooManyBroken } from './rollout-findings.ts';

/**
 * Suspects beyond which the release is to blame: more than `on.broken` of the wave's workloads, or all of them, since such a wave
 * proves nothing.
 * @param found suspects that are not set aside yet
 * @param wave whose workloads count
 */
export function overBudget(
  { workloads, setAside }: Pick<World, 'workloads' | 'setAside'>,
  { name, namespaces }: Wave,
  found: readonly Problem[],
  plan: Plan,
): readonly Problem[] {
  const members = workloadsOf(workloads, namespaces, plan);
  const before = members.flatMap(({ id }) => setAside.get(id) ?? []).filter(isSuspected);
  const suspects = [...before, ...found.filter(isSuspected)];
  const allowed = brokenAllowed(members.length, plan);
  if (suspects.length === 0 || (suspects.length <= allowed && suspects.length < members.length)) return [];
  return [
    TooManyBroken.of(
      `${suspects.length} of ${members.length} workloads of wave ${name} fail since their restart; on.broken allows ${Math.min(allowed, members.length - 1)}.`,
      suspects.map(({ message }) => message),
    ),
  ];
}

/** Of a wave with so many workloads: the number or the share of `on.broken`, whichever is more. */
const brokenAllowed = (workloads: number, { broken }: Pick<Plan, 'broken'>): number =>
  Math.max(broken.workloads, Math.floor(broken.ratio * workloads));

export const isSuspected = ({ meaning }: Problem): boolean => meaning.suspected === true;
