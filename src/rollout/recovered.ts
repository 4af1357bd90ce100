import type { Plan } from '../model/plan.ts';
import type { World } from '../model/world.ts';
import { podsElsewhere } from './next-restarts.ts';

/** Workloads that were set aside, by id, and whose pods all run the new proxy and are ready meanwhile: they count again. */
export function recovered(
  { workloads = [] }: Partial<Pick<World, 'workloads'>>,
  setAside: World['setAside'],
  plan: Plan,
): readonly string[] {
  if (setAside.size === 0) return [];
  return workloads
    .filter((workload) => setAside.has(workload.id) && workload.rollout.complete && podsElsewhere(workload, plan) === 0)
    .map(({ id }) => id);
}
