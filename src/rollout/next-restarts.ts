import { belongsTo } from '../mesh/belongs-to.ts';
import { isPlannedGateway } from '../mesh/gateway-wave.ts';
import { hasBegun } from '../mesh/has-begun.ts';
import { isInjectorDown, isQuotaFull } from '../mesh/probe/read-answer.ts';
import type { Effect } from '../model/effect.ts';
import type { Problem } from '../model/finding.ts';
import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { isOfPlan, unfinished } from '../model/restart-mark.ts';
import { type Shortfall, shortfall } from '../model/stage.ts';
import { notAsked, type Trouble, type Workload, type World } from '../model/world.ts';
import { blame, isChanged, wasSoBefore } from './blame.ts';
import { refusedForMs, whyRefused } from './refusals.ts';
import { NoRoom, RolloutStuck, WorkloadBroken } from './rollout-findings.ts';
import { whyNotMoved } from './why-not-moved.ts';

export const InjectionFails = defineFinding({
  code: 'INJECTION_FAILS',
  severity: 'blocks',
  title: 'No new pod can start, because the injection webhook does not answer.',
  cause:
    'The istiod that the tag points to is down or cannot be reached from the API server; the webhook has failurePolicy Fail.',
  fix: 'Repair the istiod that the tag points to, and the way from the API server to it, then run again.',
  blames: 'release',
});

export const RestartInVain = defineFinding({
  code: 'RESTART_IN_VAIN',
  severity: 'blocks',
  title: 'A workload was restarted and is ready, but its pods still run the old proxy.',
  cause:
    'Its pod template has a label or annotation that pins a revision, or another webhook selects it. It is set aside: the upgrade goes on with the others, and the old istiod stays as long as a pod uses it.',
  fix: 'Look at the labels of its pod template and at the webhooks that select it.',
  blames: 'workload',
  setsAside: true,
  needsFreshLists: true,
});

/**
 * Live pods that another control plane injected, and those that none did, unless the workload had no proxy before: they were
 * created while their namespace did not follow the tag, and serve without one.
 */
export function podsElsewhere(
  { id, pods }: Pick<Workload, 'id' | 'pods'>,
  { to, bare }: Pick<Plan, 'to' | 'bare'>,
): number {
  let elsewhere = 0;
  for (const [revision, count] of pods)
    if (revision !== to && (revision !== 'none' || !bare.includes(id))) elsewhere += count;
  return elsewhere;
}

/** Every pod runs the new proxy and is ready: troubles that are still told of it are of a moment ago. */
export function hasArrived(workload: Workload, plan: Plan): boolean {
  return workload.rollout.complete && podsElsewhere(workload, plan) === 0;
}

/** Workloads of the mesh in these namespaces, gateways apart: they have a separate stage. */
export function workloadsOf(
  workloads: readonly Workload[],
  namespaces: readonly string[],
  plan: Plan,
): readonly Workload[] {
  const chosen = new Set(namespaces);
  return workloads.filter(
    (workload) => chosen.has(workload.namespace) && belongsTo(workload, plan) && !isPlannedGateway(workload, plan),
  );
}

/** The restarts to start now: only what still runs another proxy, once per direction, never more than the cap at a time. */
export function nextRestarts(workloads: readonly Workload[], plan: Plan): readonly Effect[] {
  const inFlight = workloads.filter(
    ({ restartedBy, rollout }) => isOfPlan(restartedBy, plan) && !rollout.complete,
  ).length;
  const waiting = workloads.filter(
    (workload) =>
      !isOfPlan(workload.restartedBy, plan) &&
      whyNotMoved(workload, plan) === undefined &&
      (podsElsewhere(workload, plan) > 0 || wasTurnedAround(workload, plan)),
  );
  return waiting
    .slice(0, Math.max(0, plan.pace.workloadsAtOnce - inFlight))
    .map(({ kind, namespace, name, template, rollout }) => ({
      kind: 'restart-workload',
      workload: { kind, namespace, name },
      by: {
        runId: plan.runId,
        direction: plan.direction,
        template: plan.direction === 'forward' && !rollout.complete ? unfinished : template.hash,
      },
    }));
}

/** In a rollback: a rollout that the upgrade began and that has created no pod yet would still create one. */
function wasTurnedAround({ restartedBy, rollout }: Workload, plan: Plan): boolean {
  return (
    plan.direction === 'back' && isOfPlan(restartedBy, { runId: plan.runId, direction: 'forward' }) && !rollout.complete
  );
}

/** What is still to happen until every live mesh pod of these workloads runs `to` and is ready. Exceptions are named apart. */
export function restartShortfalls(
  { workloads, troubles }: Pick<World, 'workloads' | 'troubles'>,
  plan: Plan,
): readonly Shortfall[] {
  const { to } = plan;
  const waiting = new Map(
    known(troubles)
      .filter(({ what }) => what === 'waiting')
      .map((each) => [each.workload, each]),
  );
  return workloads.flatMap((workload): Shortfall[] => {
    if (whyNotMoved(workload, plan) !== undefined) return [];
    const elsewhere = podsElsewhere(workload, plan);
    const there = workload.pods.get(to) ?? 0;
    const ours = isOfPlan(workload.restartedBy, plan);
    const why = waiting.get(workload.id);
    const forRoom = why === undefined ? '' : `; pod ${why.pod} waits for room: ${why.message}`;
    if (elsewhere > 0)
      return [
        shortfall(
          workload.id,
          `${there} of ${there + elsewhere} pods on ${to}${ours ? `, ${workload.rollout.waitingFor || 'the old pods are ending'}` : ''}${forRoom}`,
        ),
      ];
    if (!workload.rollout.complete && hasBegun(workload, plan))
      return [shortfall(workload.id, `${workload.rollout.waitingFor}${forRoom}`)];
    return [];
  });
}

/** The troubles that are known. Before they are asked a rollout counts as unfinished, and not as free of trouble. */
const known = (troubles: World['troubles']): readonly Trouble[] => (troubles === notAsked ? [] : troubles);

/** Workloads that a restart cannot move or that are waived, by name with the reason. They keep their proxy until a person acts. */
export function exceptionsOf(workloads: readonly Workload[], plan: Plan): readonly string[] {
  return workloads.flatMap((workload) => {
    const why = whyNotMoved(workload, plan);
    return why !== undefined && podsElsewhere(workload, plan) > 0 ? [`${workload.id}: ${why}`] : [];
  });
}

type Breaking = Pick<World, 'workloads' | 'troubles' | 'stillFor' | 'marks' | 'refusals'>;

/** Signs that waiting will not bring these rollouts to an end, each with whose failure it is. */
export function brokenRollouts(world: Breaking, all: readonly Workload[], plan: Plan): readonly Problem[] {
  const workloads = all.filter((workload) => whyNotMoved(workload, plan) === undefined && !hasArrived(workload, plan));
  const byId = new Map(workloads.map((workload) => [workload.id, workload]));
  const causes = known(world.troubles).flatMap((trouble) => {
    const workload = byId.get(trouble.workload);
    if (workload === undefined) return [];
    return trouble.what === 'missing' ? missingPods(trouble, world, plan) : blame(trouble, workload, world, plan);
  });
  const told = [
    ...onePerWorkload(causes),
    ...refusedPods(world, workloads, plan),
    ...restartsInVain(world, workloads, plan),
  ];
  const named = new Set(told.flatMap(({ objects }) => objects));
  const rest = workloads.filter(({ id }) => !named.has(id));
  return [...told, ...rest.flatMap((workload) => withoutProgress(world, workload, plan))];
}

/** Of several pods of a workload the one that says most: what the release does comes before what is set aside. */
function onePerWorkload(problems: readonly Problem[]): readonly Problem[] {
  const groups = Map.groupBy(problems, ({ objects: [workload] }) => workload);
  return [...groups.values()].flatMap(
    (group) => group.find(({ meaning }) => meaning.setsAside !== true) ?? group[0] ?? [],
  );
}

/** A rollout to the target that Kubernetes has given up, or that has stood still for as long as a rollout may; nothing says why. */
function withoutProgress({ stillFor, marks }: Breaking, workload: Workload, plan: Plan): Problem[] {
  const { id, rollout } = workload;
  if (!hasBegun(workload, plan) || rollout.complete) return [];
  const stillMs = stillFor.get(id) ?? 0;
  if (!rollout.stuck && stillMs < plan.pace.rolloutTimeoutMs) return [];
  const finding = wasSoBefore(workload, marks.unhealthyBefore) || isChanged(workload) ? WorkloadBroken : RolloutStuck;
  const since = rollout.stuck
    ? 'Kubernetes says that it makes no progress'
    : `it has not moved for ${Math.round(stillMs / 1000)} s`;
  return [finding.of(`${id}: ${since} (${rollout.waitingFor}).`, [id])];
}

type Refusing = Pick<World, 'refusals' | 'stillFor'>;

/** An istiod that is being replaced is back within this time. */
const injectorMayBeAwayMs = 30_000;

const refusalOf = ({ refusals }: Refusing, id: string) => refusals.find(({ workload }) => workload === id);
const stillMsOf = ({ stillFor }: Refusing, id: string): number => stillFor.get(id) ?? 0;

/** Its controller says nothing in its status: a dry-run pod is asked why. */
function missingPods({ workload, message }: Trouble, world: Refusing, plan: Plan): Problem[] {
  const refusal = refusalOf(world, workload);
  const { to } = refusal ?? {};
  if (to !== undefined && 'passedOver' in to && isQuotaFull(to.passedOver))
    return noQuota(workload, `${message}: ${to.passedOver}`, world);
  if (to !== undefined && 'refused' in to && to.by === 'injector') return noInjector(workload, to.refused, world);
  const why = to !== undefined && 'refused' in to ? `: ${to.refused}` : '';
  return whyRefused(workload, `${message}${why}`, refusal, stillMsOf(world, workload), plan);
}

/** A controller that may not make its pods says so at once, long before the deadline of its rollout. */
function refusedPods(world: Refusing, workloads: readonly Workload[], plan: Plan): readonly Problem[] {
  return workloads.flatMap(({ id, rollout: { refused }, restartedBy }): Problem[] => {
    if (refused === undefined || !isOfPlan(restartedBy, plan)) return [];
    if (isInjectorDown(refused)) return noInjector(id, refused, world);
    if (isQuotaFull(refused)) return noQuota(id, refused, world);
    return whyRefused(id, refused, refusalOf(world, id), stillMsOf(world, id), plan);
  });
}

const noQuota = (id: string, says: string, world: Refusing): Problem[] =>
  stillMsOf(world, id) < refusedForMs ? [] : [NoRoom.of(`${id}: its new pods are refused: ${says}`, [id])];

const noInjector = (id: string, says: string, world: Refusing): Problem[] =>
  stillMsOf(world, id) < injectorMayBeAwayMs
    ? []
    : [InjectionFails.of(`${id}: no pod can start, since the injector does not answer: ${says}`, [id])];

/** Restarted by us, rolled out, and still another proxy: its template does not follow the tag in a way that we know. */
function restartsInVain(
  { stillFor }: Pick<World, 'stillFor'>,
  workloads: readonly Workload[],
  plan: Plan,
): readonly Problem[] {
  return workloads
    .filter(
      (workload) =>
        isOfPlan(workload.restartedBy, plan) &&
        workload.rollout.complete &&
        podsElsewhere(workload, plan) > 0 &&
        // Pods and their workload are two lists: give the second one time to arrive.
        (stillFor.get(workload.id) ?? 0) >= 15_000,
    )
    .map(({ id }) =>
      RestartInVain.of(`${id} was restarted and is ready, but its pods still do not run ${plan.to}.`, [id]),
    );
}
