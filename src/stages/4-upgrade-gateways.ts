import { disturbances } from '../mesh/disturbances.ts';
import type { Plan } from '../model/plan.ts';
import { defineStage } from '../model/stage.ts';
import type { Workload } from '../model/world.ts';
import { brokenRollouts, isPlannedGateway, nextRestarts, restartShortfalls } from '../rollout/next-restarts.ts';

/** Stage 4: the injected gateways run the target's proxy, replaced by rolling updates, so that inbound traffic is not cut. */
export const upgradeGateways = defineStage({
  step: 'upgrade-gateways',
  looksAt: ['workloads', 'tags', 'troubles', 'unchangedForMs', 'namespaces', 'controlPlanes', 'now'],
  requires: disturbances,
  effects: ({ workloads }, plan) => nextRestarts(gateways(workloads, plan), plan),
  missing: (world, plan) => restartShortfalls({ ...world, workloads: gateways(world.workloads, plan) }, plan),
  broken: (world, plan) => [
    ...disturbances(world, plan),
    ...brokenRollouts(world, gateways(world.workloads, plan), plan),
  ],
  proof: ({ workloads }, plan) => {
    const all = gateways(workloads, plan);
    if (all.length === 0) return 'there is none';
    return all
      .map(
        ({ namespace, name, pods, rollout }) =>
          `${namespace}/${name} ${pods.get(plan.to) ?? 0}/${rollout.desired} on ${plan.to}`,
      )
      .join(', ');
  },
});

const gateways = (workloads: readonly Workload[], plan: Plan) =>
  workloads.filter((workload) => isPlannedGateway(workload, plan));
