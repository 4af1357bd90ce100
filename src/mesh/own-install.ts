import { awaitsOthers, installerOf } from '../model/installer-kind.ts';
import type { Plan } from '../model/plan.ts';
import type { World } from '../model/world.ts';
import type { Install, Removal } from '../ports/installer.ts';

type Observed = Pick<World, 'marks' | 'controlPlanes'>;

/** What the installer is asked for. */
export const installOf = ({ to, versions, pace, install, releases }: Plan): Install => ({
  revision: to,
  version: versions.to,
  readinessTimeoutMs: pace.rolloutTimeoutMs,
  ...install,
  ...(releases === undefined ? {} : { release: releases.to }),
});

/** The removal of the istiod that the plan leaves. */
export const removalOf = ({ from, versions, releases }: Pick<Plan, 'from' | 'versions' | 'releases'>): Removal => ({
  revision: from,
  version: versions.from,
  ...(releases?.from === undefined ? {} : { release: releases.from }),
});

/** Whether this tool installed the istiod of the target, and no other tool has taken it over since. */
export function isOurs({ marks, controlPlanes }: Observed, plan: Pick<Plan, 'to' | 'installer'>): boolean {
  const owner = controlPlanes.get(plan.to)?.owner;
  const installer = installerOf(plan);
  // The marks are those of whatever a command starts.
  const isOfInstaller =
    owner === undefined || owner.by === 'istioctl' || installer === 'command' || owner.by === installer;
  return marks.installed?.revision === plan.to && isOfInstaller;
}

/** It is ours, and what it was installed with is not what the config asks for now, or was not seen to be applied to the end. */
export function isOutdated(world: Observed & Pick<World, 'manifest'>, plan: Pick<Plan, 'to' | 'installer'>): boolean {
  const isThere = world.controlPlanes.get(plan.to)?.deployment !== undefined;
  return (
    isThere && !awaitsOthers(plan) && isOurs(world, plan) && world.marks.installed?.manifest !== world.manifest.hash
  );
}
