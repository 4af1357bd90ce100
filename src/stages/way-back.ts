import { belongsTo } from '../mesh/belongs-to.ts';
import { tagMovedAway } from '../mesh/tag-strays.ts';
import { cannotInject } from '../mesh/unready.ts';
import type { Plan } from '../model/plan.ts';
import { defineStage } from '../model/stage.ts';
import type { Workload, World } from '../model/world.ts';
import {
  brokenRollouts,
  InjectionFails,
  nextRestarts,
  podsElsewhere,
  restartShortfalls,
} from '../rollout/next-restarts.ts';

/**
 * After the tag has moved back: everything that follows it and runs the revision to be left restarts at once, gateways first, within the
 * cap. A workload that cannot roll is set aside and holds up no other.
 */
export const restartBack = defineStage({
  step: 'restart-waves',
  name: 'restart-back',
  title: 'Restart everything that runs the new proxy',
  looksAt: [
    'workloads',
    'tags',
    'troubles',
    'stillFor',
    'marks',
    'namespaces',
    'controlPlanes',
    'now',
    'setAside',
    'refusals',
  ],
  requires: () => [],
  // A pod created now would be refused, as long as the istiod that the tag names does not answer.
  effects: (world, plan) =>
    cannotInject(world.controlPlanes.get(plan.to), plan.to).length > 0 ? [] : nextRestarts(toMove(world, plan), plan),
  missing: (world, plan) => {
    const left = restartShortfalls({ ...world, workloads: toMove(world, plan) }, plan);
    return left.length === 0 ? [] : [...cannotInject(world.controlPlanes.get(plan.to), plan.to), ...left];
  },
  // While the injector does not answer, no workload can roll: that is waited for, and is the trouble of none of them.
  setsAside: (world, plan) =>
    brokenRollouts(world, toMove(world, plan), plan).filter(({ code }) => code !== InjectionFails.definition.code),
  broken: ({ tags }, plan) => tagMovedAway(tags, plan),
  proof: ({ workloads, setAside }, plan) => {
    const followers = workloads.filter((workload) => belongsTo(workload, plan));
    const there = followers.reduce((sum, { pods }) => sum + (pods.get(plan.to) ?? 0), 0);
    const left = followers.reduce((sum, workload) => sum + podsElsewhere(workload, plan), 0);
    const aside = setAside.size === 0 ? '' : `; set aside: ${[...setAside.keys()].join(', ')}`;
    return `${there}/${there + left} pods on ${plan.to}${aside}`;
  },
});

/** Gateways first: what comes from outside gets the old proxy before anything else. */
function toMove({ workloads, setAside }: Pick<World, 'workloads' | 'setAside'>, plan: Plan): readonly Workload[] {
  const followers = workloads.filter((workload) => belongsTo(workload, plan) && !setAside.has(workload.id));
  return [...followers.filter(({ isGateway }) => isGateway), ...followers.filter(({ isGateway }) => !isGateway)];
}
