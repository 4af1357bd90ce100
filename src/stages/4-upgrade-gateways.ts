import { disturbances } from '../mesh/disturbances.ts';
import { gatewayWave, isGatewayOfTag, isPlannedGateway } from '../mesh/gateway-wave.ts';
import { marksOf, presentIn } from '../mesh/marks-of.ts';
import type { Effect } from '../model/effect.ts';
import type { Problem } from '../model/finding.ts';
import { gatewayBakeMs } from '../model/gate-settings.ts';
import type { Plan, Wave } from '../model/plan.ts';
import { isOfPlan } from '../model/restart-mark.ts';
import { defineStage, type Shortfall, shortfall } from '../model/stage.ts';
import type { Workload, World } from '../model/world.ts';
import { isSuspected } from '../rollout/budget.ts';
import { brokenRollouts, hasArrived, nextRestarts, restartShortfalls } from '../rollout/next-restarts.ts';
import { refusedByRelease } from '../rollout/refusals.ts';
import { TooManyBroken } from '../rollout/rollout-findings.ts';
import { recordFail, redVerdicts } from '../rollout/wave-progress.ts';

/** Stage 4: the injected gateways run the target's proxy, one after another, replaced by rolling updates, so that inbound traffic is not cut. */
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
    if (due.length > 0) return due;
    // All traffic from outside enters here: if the new proxy fails, one gateway is enough to see it.
    const isBusy = bakeShortfalls(world, plan).length > 0 || underWay(world, plan).some(isOurs(plan));
    return isBusy ? [] : nextRestarts(toMove(world, plan), plan).slice(0, 1);
  },
  missing: (world, plan) => [
    ...restartShortfalls({ ...world, workloads: toMove(world, plan) }, plan),
    ...gatewayWave(plan).flatMap((wave) =>
      marksDue(world, wave, plan).map(() => shortfall(`wave ${wave.name}`, 'not in the journal')),
    ),
    ...bakeShortfalls(world, plan),
  ],
  setsAside: (world, plan) =>
    broken(world, plan).filter(({ meaning }) => meaning.setsAside === true && meaning.suspected !== true),
  broken: (world, plan) => {
    const found = broken(world, plan);
    return [
      ...redVerdicts(world, plan),
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
 * Notes in the journal when the first gateway is about to be restarted, and when each was ready: from then on their traffic is judged,
 * until the old istiod goes. Gateways that run the new proxy already, without such a note, were restarted by others.
 */
function marksDue(
  world: Pick<World, 'workloads' | 'setAside' | 'marks' | 'namespaces' | 'troubles'>,
  wave: Wave,
  plan: Plan,
): readonly Effect[] {
  const { startedAt, readyAt, gateways: noted } = marksOf(world, wave);
  const waiting = underWay(world, plan);
  const note = { wave: wave.name, namespaces: presentIn(world, wave) };
  if (startedAt === undefined) return waiting.length === 0 ? [] : [{ kind: 'begin-wave', ...note }];
  if (waiting.some(isOurs(plan))) return [];
  const replaced = world.workloads.filter((each) => isGatewayOfTag(each, plan) && hasArrived(each, plan));
  const ready = [...toMove(world, plan).filter((each) => !waiting.includes(each)), ...replaced].map(({ id }) => id);
  // Journals of releases that did not note which were ready were written when all were.
  const isNew = readyAt === undefined || ready.some((id) => noted?.includes(id) === false);
  return isNew && (ready.length > 0 || waiting.length === 0) ? [{ kind: 'begin-bake', ...note, gateways: ready }] : [];
}

/** Gateways that do not run the new proxy, or are not ready on it. */
const underWay = (world: Pick<World, 'workloads' | 'setAside' | 'troubles'>, plan: Plan): readonly Workload[] =>
  toMove(world, plan).filter((each) => restartShortfalls({ ...world, workloads: [each] }, plan).length > 0);

const isOurs =
  (plan: Plan) =>
  ({ restartedBy }: Workload): boolean =>
    isOfPlan(restartedBy, plan);

/** Since the newest of them was ready, the gateways are watched for a short time. They can only fail. */
function bakeShortfalls(world: Pick<World, 'marks' | 'namespaces' | 'now'>, plan: Plan): readonly Shortfall[] {
  const bakeMs = gatewayBakeMs(plan.gate);
  return gatewayWave(plan).flatMap((wave) => {
    const { readyAt } = marksOf(world, wave);
    if (readyAt === undefined || world.now - readyAt >= bakeMs) return [];
    const is = `watched until ${Math.round(bakeMs / 1000)} s after they were ready`;
    return [{ ...shortfall(`wave ${wave.name}`, is), endsByItself: true }];
  });
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
