import { disturbances } from '../mesh/disturbances.ts';
import { gatewayWave, isPlannedGateway } from '../mesh/gateway-wave.ts';
import { marksOf, presentIn } from '../mesh/marks-of.ts';
import type { Effect } from '../model/effect.ts';
import type { Problem } from '../model/finding.ts';
import type { Plan, Wave } from '../model/plan.ts';
import { defineStage, shortfall } from '../model/stage.ts';
import type { Workload, World } from '../model/world.ts';
import { isSuspected } from '../rollout/budget.ts';
import { brokenRollouts, nextRestarts, restartShortfalls } from '../rollout/next-restarts.ts';
import { refusedByRelease } from '../rollout/refusals.ts';
import { TooManyBroken } from '../rollout/rollout-findings.ts';
import { recordFail, redVerdicts } from '../rollout/wave-progress.ts';

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
    'judged',
  ],
  requires: disturbances,
  effects: (world, plan) => {
    const [wave] = gatewayWave(plan);
    if (wave === undefined) return [];
    const fails = recordFail(world, plan);
    if (fails.length > 0) return fails;
    const due = marksDue(world, wave, plan);
    return due.length > 0 ? due : nextRestarts(toMove(world, plan), plan);
  },
  missing: (world, plan) => [
    ...restartShortfalls({ ...world, workloads: toMove(world, plan) }, plan),
    ...gatewayWave(plan).flatMap((wave) =>
      marksDue(world, wave, plan).map(() => shortfall(`wave ${wave.name}`, 'not in the journal')),
    ),
  ],
  setsAside: (world, plan) =>
    broken(world, plan).filter(({ meaning }) => meaning.setsAside === true && meaning.suspected !== true),
  broken: (world, plan) => {
    const found = broken(world, plan);
    return [
      ...redVerdicts(world),
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

/**
 * Notes in the journal when the first gateway is about to be restarted, and when the last was ready: from then on their traffic is
 * judged, until the old istiod goes. Gateways that run the new proxy already, without such a note, were restarted by others.
 */
function marksDue(
  world: Pick<World, 'workloads' | 'setAside' | 'marks' | 'namespaces' | 'troubles'>,
  wave: Wave,
  plan: Plan,
): readonly Effect[] {
  const { startedAt, readyAt } = marksOf(world, wave);
  const hasMoved = restartShortfalls({ ...world, workloads: toMove(world, plan) }, plan).length === 0;
  const note = { wave: wave.name, namespaces: presentIn(world, wave) };
  if (startedAt === undefined) return hasMoved ? [] : [{ kind: 'begin-wave', ...note }];
  return hasMoved && readyAt === undefined ? [{ kind: 'begin-bake', ...note }] : [];
}

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
