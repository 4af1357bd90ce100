import type { Marks } from '../model/marks.ts';
import type { Plan } from '../model/plan.ts';
import type { World } from '../model/world.ts';

/** Between the two readings that prove the old revision unused. */
export function isSoaking({ unusedSince }: Marks, now: number, { soakMs }: Pick<Plan, 'soakMs'>): boolean {
  return unusedSince !== undefined && now - unusedSince < soakMs;
}

/** The removal may begin, if the new istiod alone is seen to inject. Injection is not checked earlier: each check costs dry-run pods. */
export function isRemovalDue(marks: Marks, now: number, plan: Pick<Plan, 'soakMs'>): boolean {
  return marks.removalBegan === undefined && marks.unusedSince !== undefined && !isSoaking(marks, now, plan);
}

/** The old istiod is being removed, or is gone: from now on only its remaining objects count. */
export function isLeaving(
  { marks, controlPlanes }: Pick<World, 'marks' | 'controlPlanes'>,
  { from }: Pick<Plan, 'from'>,
): boolean {
  return marks.removalBegan !== undefined || controlPlanes.get(from)?.deployment === undefined;
}
