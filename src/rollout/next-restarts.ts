import type { Effect } from '../model/effect.ts';
import type { Problem } from '../model/finding.ts';
import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { isOfPlan } from '../model/restart-mark.ts';
import { type Shortfall, shortfall } from '../model/stage.ts';
import type { WorkloadKind } from '../model/workload-kind.ts';
import { notAsked, type Trouble, type Workload, type World } from '../model/world.ts';
import { isSidecarContainer } from '../workloads/sidecar-containers.ts';
import { definitionOf } from '../workloads/workloads.ts';
import { whyNotMoved } from './why-not-moved.ts';

export const RolloutStuck = defineFinding({
  code: 'ROLLOUT_STUCK',
  severity: 'blocks',
  title: 'Kubernetes reports that a rollout makes no progress.',
  cause: 'The progress deadline of the Deployment is over: new pods are not ready, or cannot be scheduled.',
  fix: 'Look at the events of its pods, repair the cause, then run again.',
  // Decides as it did when any failure led back; whose failure it is, evidence will have to tell.
  blames: 'release',
});

export const PodDoesNotEnd = defineFinding({
  code: 'POD_DOES_NOT_END',
  severity: 'blocks',
  title: 'A pod does not end, and its successor waits for it.',
  cause:
    'A finalizer holds it, its node does not answer, or its process ignores the end of the grace period. The workload is set aside: the upgrade goes on with the others, and the old istiod stays as long as a pod uses it.',
  fix: 'Look at its finalizers and its node, remove what holds it, then run again.',
  blames: 'surroundings',
  setsAside: true,
});

export const PodsRefused = defineFinding({
  code: 'PODS_REFUSED',
  severity: 'blocks',
  title: 'The new pods of a workload are refused.',
  cause:
    'An admission policy, PodSecurity or a missing service account refuses them. A rollback would be refused in the same way, so the run holds.',
  fix: 'The old pods keep serving. Change the policy, or waive the workload, and run again.',
  blames: 'surroundings',
});

export const RolloutBroken = defineFinding({
  code: 'ROLLOUT_BROKEN',
  severity: 'blocks',
  title: 'A new pod of a workload cannot start.',
  cause:
    'The image of the proxy cannot be pulled or does not start, or a container of the application crashes repeatedly, which it did not with the old proxy.',
  fix: 'The old pods keep serving as far as the rollout strategy allows. Repair the cause, then run again.',
  // Decides as it did when any failure led back; whose failure it is, evidence will have to tell.
  blames: 'release',
});

export const WorkloadBroken = defineFinding({
  code: 'WORKLOAD_BROKEN',
  severity: 'blocks',
  title: 'A new pod of a workload cannot start, and the new proxy is not the cause.',
  cause:
    'The image of the application cannot be pulled, its config is wrong, or its pods with the old proxy fail in the same way. The workload is set aside: the upgrade goes on with the others, and the old istiod stays as long as a pod uses it.',
  fix: 'The team of the workload repairs it; its rollout then goes on by itself. Or waive the workload.',
  blames: 'workload',
  setsAside: true,
});

export const NoRoom = defineFinding({
  code: 'NO_ROOM',
  severity: 'blocks',
  title: 'There is no room for the new pod of a workload.',
  cause:
    'No node has had room for it for pace.roomTimeout, or the quota of its namespace is used up. The workload is set aside: the upgrade goes on with the others, and the old istiod stays as long as a pod uses it.',
  fix: 'Make room (nodes, quota); its rollout then goes on by itself. Or waive the workload.',
  blames: 'surroundings',
  setsAside: true,
});

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

/** Workloads of the mesh in these namespaces, gateways apart: they have a separate stage. */
export function workloadsOf(
  workloads: readonly Workload[],
  namespaces: readonly string[],
  plan: Plan,
): readonly Workload[] {
  const chosen = new Set(namespaces);
  return workloads.filter(
    (workload) =>
      chosen.has(workload.namespace) && workload.follows?.tag === plan.tag && !isPlannedGateway(workload, plan),
  );
}

export function isPlannedGateway({ namespace, name, isGateway }: Workload, { gateways }: Plan): boolean {
  return isGateway && gateways.includes(`${namespace}/${name}`);
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
  return waiting.slice(0, Math.max(0, plan.pace.workloadsAtOnce - inFlight)).map(({ kind, namespace, name }) => ({
    kind: 'restart-workload',
    workload: { kind, namespace, name },
    by: { runId: plan.runId, direction: plan.direction },
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
    if (!workload.rollout.complete && (ours || there > 0))
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

/** Signs that waiting will not bring these rollouts to an end. */
export function brokenRollouts(
  world: Pick<World, 'workloads' | 'troubles' | 'unchangedForMs'>,
  all: readonly Workload[],
  plan: Plan,
): readonly Problem[] {
  const workloads = all.filter((workload) => whyNotMoved(workload, plan) === undefined);
  const kinds = new Map(workloads.map(({ id, kind }) => [id, kind]));
  const problems = known(world.troubles).flatMap((trouble) => {
    const kind = kinds.get(trouble.workload);
    return kind === undefined ? [] : problemOf(trouble, kind, world.unchangedForMs, plan);
  });
  for (const { id, rollout, restartedBy } of workloads)
    if (rollout.stuck && isOfPlan(restartedBy, plan))
      problems.push(RolloutStuck.of(`${id}: Kubernetes says that it makes no progress (${rollout.waitingFor}).`, [id]));
  return problems.concat(
    refusedPods(world.unchangedForMs, workloads, plan),
    restartsInVain(world.unchangedForMs, workloads, plan),
  );
}

function problemOf(trouble: Trouble, kind: WorkloadKind, unchangedForMs: number, { pace }: Plan): Problem[] {
  const { what, workload, pod, message, forMs } = trouble;
  switch (what) {
    // An autoscaler needs minutes for a node.
    case 'waiting':
      return forMs < pace.roomTimeoutMs
        ? []
        : [cannotStart(NoRoom, trouble, kind, ` (for ${Math.round(forMs / 1000)} s)`)];
    case 'starting':
      return [cannotStart(isOfTheApplication(trouble) ? WorkloadBroken : RolloutBroken, trouble, kind)];
    case 'ending':
      return [
        PodDoesNotEnd.of(`${workload}: pod ${pod} does not end, and its successor waits for it: ${message}.`, [
          workload,
        ]),
      ];
    case 'missing':
      // Between the end of a pod and the birth of the next there is a moment; an istiod that is replaced takes longer.
      return unchangedForMs < 30_000
        ? []
        : [
            PodsRefused.of(
              `${workload}: ${message}; its controller says why in its events.`,
              [workload],
              'Make room (quota, policy), look at the istiod that the tag names, or waive the workload, and run again.',
            ),
          ];
  }
}

/** What no proxy can cause. */
const ownReasons: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'CreateContainerConfigError',
]);

/** Only what the sidecar or an unknown cause does is the release's. */
function isOfTheApplication({ container, reason }: Trouble): boolean {
  if (container === undefined || isSidecarContainer(container.name)) return false;
  return container.failedBefore || ownReasons.has(reason);
}

function cannotStart(
  finding: typeof RolloutBroken | typeof WorkloadBroken | typeof NoRoom,
  { workload, pod, container, reason, message }: Trouble,
  kind: WorkloadKind,
  since = '',
): Problem {
  const repair = finding.definition.fix;
  const advice = definitionOf(kind).adviceWhenPodCannotStart?.(pod);
  const where = container === undefined ? `pod ${pod}` : `container ${container.name} of pod ${pod}`;
  return finding.of(
    `${workload}: ${where} cannot start: ${reason}${message ? `: ${message}` : ''}${since}`,
    [workload],
    advice === undefined ? repair : `${repair} ${advice}`,
  );
}

/** A controller that may not make its pods says so at once, long before the deadline of its rollout. */
function refusedPods(unchangedForMs: number, workloads: readonly Workload[], plan: Plan): readonly Problem[] {
  return workloads.flatMap(({ id, rollout: { refused }, restartedBy }): Problem[] => {
    if (refused === undefined || !isOfPlan(restartedBy, plan)) return [];
    // An istiod that is being replaced is back soon; any other webhook that refuses a pod refuses the next one too.
    const byWebhook = refused.includes('failed calling webhook');
    if (unchangedForMs < (byWebhook ? 30_000 : 10_000)) return [];
    if (refused.includes('exceeded quota')) return [NoRoom.of(`${id}: its new pods are refused: ${refused}`, [id])];
    return [
      byWebhook
        ? InjectionFails.of(`${id}: no pod can start, since the injector does not answer: ${refused}`, [id])
        : PodsRefused.of(`${id}: its new pods are refused: ${refused}`, [id]),
    ];
  });
}

/** Restarted by us, rolled out, and still another proxy: its template does not follow the tag in a way that we know. */
function restartsInVain(unchangedForMs: number, workloads: readonly Workload[], plan: Plan): readonly Problem[] {
  // Pods and their workload are two lists: give the second one time to arrive.
  if (unchangedForMs < 15_000) return [];
  return workloads
    .filter(
      (workload) =>
        isOfPlan(workload.restartedBy, plan) && workload.rollout.complete && podsElsewhere(workload, plan) > 0,
    )
    .map(({ id }) =>
      RestartInVain.of(`${id} was restarted and is ready, but its pods still do not run ${plan.to}.`, [id]),
    );
}
