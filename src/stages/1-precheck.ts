import { type CheckedAspect, checkedAspects, findAll } from '../checks/checks.ts';
import { type Finding, isProblem } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { defineStage } from '../model/stage.ts';
import type { World } from '../model/world.ts';

/** Stage 1: nothing is touched. Every check holds at any point of an upgrade, so that a resumed run passes it again. */
export const precheck = defineStage({
  step: 'precheck',
  looksAt: [...checkedAspects, 'marks'],
  requires: (world, plan) => allFindings(world, plan).filter(isProblem),
  effects: () => [],
  missing: (world, plan) =>
    allFindings(world, plan)
      .filter(isProblem)
      .map(({ code, message }) => ({ what: code, is: message, wants: 'repaired' })),
  proof: (world, plan) => {
    const notes = allFindings(world, plan).length;
    return `${world.workloads.length} workloads, ${world.injections.length} dry-run pods${notes > 0 ? `, ${notes} ${notes === 1 ? 'finding' : 'findings'} that do not block` : ', nothing found'}`;
  },
});

type Observed = Pick<World, CheckedAspect | 'marks'>;

/** All that the checks have to say, blocking or not; `check` prints it. */
export function allFindings(observed: Observed, plan: Plan): readonly Finding[] {
  return findAll(observed.marks.removalBegan === undefined ? observed : withoutOld(observed, plan), plan);
}

/** Once stage 8 has begun to remove the old revision, what is left of it is stage 8's to finish, and no fault of the mesh. */
function withoutOld(world: Observed, { from }: Plan): Observed {
  return {
    ...world,
    controlPlanes: new Map([...world.controlPlanes].filter(([revision]) => revision !== from)),
    webhooks: world.webhooks.filter(({ revision }) => revision !== from),
  };
}
