import { awaitsOthers, installerOf } from '../model/installer-kind.ts';
import type { Plan } from '../model/plan.ts';
import type { World } from '../model/world.ts';
import type { Install } from '../ports/installer.ts';

type Observed = Pick<World, 'marks' | 'controlPlanes'>;

/** What the installer is asked for. */
export const installOf = ({ to, versions, pace, install }: Plan): Install => ({
  revision: to,
  version: versions.to,
  readinessTimeoutMs: pace.rolloutTimeoutMs,
  ...install,
});

/** Whether this tool installed the istiod of the target, and no other tool has taken it over since. */
export function isOurs({ marks, controlPlanes }: Observed, plan: Pick<Plan, 'to' | 'installer'>): boolean {
  const owner = controlPlanes.get(plan.to)?.owner;
  // The marks are those of whatever the command starts.
  const isOfInstaller = owner === undefined || owner.by === 'istioctl' || installerOf(plan) === 'command';
  return marks.installed?.revision === plan.to && isOfInstaller;
}

/** It is ours, and what it was installed with is not what the config asks for now, or was not seen to be applied to the end. */
export function isOutdated(world: Observed & Pick<World, 'manifest'>, plan: Pick<Plan, 'to' | 'installer'>): boolean {
  const isThere = world.controlPlanes.get(plan.to)?.deployment !== undefined;
  return (
    isThere && !awaitsOthers(plan) && isOurs(world, plan) && world.marks.installed?.manifest !== world.manifest.hash
  );
}
