import { disturbances } from '../mesh/disturbances.ts';
import type { Problem } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { defineStage } from '../model/stage.ts';
import type { Workload, World } from '../model/world.ts';
import { isSuspected } from '../rollout/budget.ts';
import { brokenRollouts, isPlannedGateway, nextRestarts, restartShortfalls } from '../rollout/next-restarts.ts';
import { refusedByRelease } from '../rollout/refusals.ts';
import { TooManyBroken } from '../rollout/rollout-findings.ts';

/** Stage 4: the injected gateways run the target's proxy, replaced by rolling updates, so that inbound traffic is not cut. */
export const upgradeGateways = defineStage({
  step: 'upgrade-gateways',
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
  requires: disturbances,
  effects: (world, plan) => nextRestarts(toMove(world, plan), plan),
  missing: (world, plan) => restartShortfalls({ ...world, workloads: toMove(world, plan) }, plan),
  setsAside: (world, plan) =>
    broken(world, plan).filter(({ meaning }) => meaning.setsAside === true && meaning.suspected !== true),
  broken: (world, plan) => {
    const found = broken(world, plan);
    return [
      ...disturbances(world, plan),
      ...refusedByRelease(world.refusals, plan),
      ...found.filter(({ meaning }) => meaning.setsAside !== true),
      ...suspectGateways(found),
    ];
  },
  proof: ({ workloads, setAside }, plan) => {
    const all = gateways(workloads, plan);
    if (all.length === 0) return 'there is none';
    return all
      .map(
        ({ id, namespace, name, pods, rollout }) =>
          `${namespace}/${name} ${pods.get(plan.to) ?? 0}/${rollout.desired} on ${plan.to}${setAside.has(id) ? ', set aside' : ''}`,
      )
      .join(', ');
  },
});

type Observed = Pick<World, 'workloads' | 'troubles' | 'stillFor' | 'marks' | 'setAside' | 'refusals'>;

const broken = (world: Observed, plan: Plan): readonly Problem[] => brokenRollouts(world, toMove(world, plan), plan);

/** All traffic from outside enters here: of a gateway no failure without a known cause is allowed. */
function suspectGateways(found: readonly Problem[]): readonly Problem[] {
  const suspects = found.filter(isSuspected);
  if (suspects.length === 0) return [];
  return [
    TooManyBroken.of(
      `${suspects.length === 1 ? 'A gateway fails' : `${suspects.length} gateways fail`} since the restart; of gateways none is allowed.`,
      suspects.map(({ message }) => message),
    ),
  ];
}

const toMove = ({ workloads, setAside }: Pick<World, 'workloads' | 'setAside'>, plan: Plan): readonly Workload[] =>
  gateways(workloads, plan).filter(({ id }) => !setAside.has(id));

const gateways = (workloads: readonly Workload[], plan: Plan) =>
  workloads.filter((workload) => isPlannedGateway(workload, plan));
