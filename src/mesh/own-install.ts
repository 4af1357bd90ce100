import type { Plan } from '../model/plan.ts';
import type { World } from '../model/world.ts';

type Observed = Pick<World, 'marks' | 'controlPlanes'>;

/** Whether this tool installed the istiod of the target, and no other tool has taken it over since. */
export function isOurs({ marks, controlPlanes }: Observed, { to }: Pick<Plan, 'to'>): boolean {
  const owner = controlPlanes.get(to)?.owner;
  return marks.installed?.revision === to && (owner === undefined || owner.by === 'istioctl');
}

/** It is ours, and what it was installed with is not what the config asks for now, or was not seen to be applied to the end. */
export function isOutdated(world: Observed & Pick<World, 'manifest'>, plan: Pick<Plan, 'to'>): boolean {
  const isThere = world.controlPlanes.get(plan.to)?.deployment !== undefined;
  return isThere && isOurs(world, plan) && world.marks.installed?.manifest !== world.manifest.hash;
}
