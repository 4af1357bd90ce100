import type { Plan } from '../model/plan.ts';
import type { Workload } from '../model/world.ts';

/**
 * Why we do not restart a workload: a restart would not replace its pods, or the config waives it. In a rollback nothing
 * is waived: what runs the revision that is to be left must leave it.
 */
export function whyNotMoved(
  { id, unrestartable }: Pick<Workload, 'id' | 'unrestartable'>,
  { direction, waivers }: Pick<Plan, 'direction' | 'waivers'>,
): string | undefined {
  const waiver = direction === 'back' ? undefined : waivers.find(({ workload }) => workload === id);
  return waiver === undefined ? unrestartable : `waived until ${waiver.until}: ${waiver.reason}`;
}
