import type { Plan } from '../model/plan.ts';
import type { Workload, World } from '../model/world.ts';
import { hasArrived } from './next-restarts.ts';

/**
 * Workloads that were set aside, by this run or when a verdict was given, and whose pods all run the new proxy and are ready meanwhile:
 * they count again, and are to be judged.
 */
export function recovered(
  { workloads = [], marks }: Partial<Pick<World, 'workloads' | 'marks'>>,
  setAside: World['setAside'],
  plan: Plan,
): readonly Workload[] {
  const without =
    plan.direction === 'back' ? [] : Object.values(marks?.waves ?? {}).flatMap((wave) => wave.without ?? []);
  const aside = new Set([...setAside.keys(), ...without]);
  if (aside.size === 0) return [];
  return workloads.filter((workload) => aside.has(workload.id) && hasArrived(workload, plan));
}
