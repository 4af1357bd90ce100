import { ArgoRollouts } from '../ports/kinds.ts';
import type { Condition, WorkloadObject } from '../ports/objects.ts';
import { complete, isUnseen, unseen, waiting, withRefusal } from './rollout-state.ts';
import { shareOfPods } from './share-of-pods.ts';
import { tokenAnnotation } from './template-restart.ts';
import type { WorkloadDefinition } from './workload-definition.ts';

/**
 * A Rollout of Argo Rollouts, as its controller v1.9 treats it.
 *
 * Restarted by `spec.restartAt`: the controller evicts the pods that were created before that moment, some at a time, and their
 * ReplicaSets replace them. Neither steps, analysis nor promotion take part, and a Rollout that is paused, aborted or in the
 * middle of its own update is restarted as well. A change of the pod template would begin a canary or blue-green update
 * instead, which may wait for a person.
 * @see https://argo-rollouts.readthedocs.io/en/stable/features/restart/
 * @see https://github.com/argoproj/argo-rollouts/blob/v1.9.1/rollout/restart.go
 *
 * A rollback is the same write with a later moment; one that finds the restart under way replaces its moment.
 */
export const argoRollout: WorkloadDefinition = {
  resource: ArgoRollouts,
  mayBeAbsent: true,
  rolloutOf: (object) => {
    const { spec, status = {} } = object;
    const desired = spec.replicas ?? 1;
    const ready = status.readyReplicas ?? 0;
    if (isUnseen(object)) return unseen(desired, ready);
    return withRefusal(restartState(object, desired, ready), object);
  },
  // A spec that its controller calls invalid is not reconciled at all:
  // https://github.com/argoproj/argo-rollouts/blob/v1.9.1/rollout/controller.go (syncHandler).
  whyUnrestartable: ({ status }) => {
    const invalid = conditionOf(status?.conditions, 'InvalidSpec');
    return invalid?.status === 'True'
      ? `its controller calls its spec invalid and does nothing: ${invalid.message ?? invalid.reason ?? 'no reason given'}`
      : undefined;
  },
  whyDown: (object) => {
    const replicas = object.spec.replicas ?? 1;
    if (replicas === 1) return 'it has one replica, which is evicted before its successor starts';
    if (replicas === 0 || evictedAtOnce(object) < replicas) return undefined;
    return 'its maxUnavailable allows that all of its pods are evicted at once';
  },
  // maxSurge plays no part in a restart.
  surgePods: () => 0,
  // The mark stands on the object itself: in the template it would begin an update. One write holds both, so that neither is
  // there without the other. A CustomResourceDefinition knows no strategic merge.
  restartPatch: ({ token, now }) => ({
    type: 'merge',
    body: { metadata: { annotations: { [tokenAnnotation]: token } }, spec: { restartAt: restartMoment(now) } },
  }),
  tokenOf: ({ metadata }) => metadata.annotations?.[tokenAnnotation],
  replicaSetLabel: 'rollouts-pod-template-hash',
  makesPods: 'in place of old ones',
  hasReplicas: true,
  // `canRestart` counts available pods only: https://github.com/argoproj/argo-rollouts/blob/v1.9.1/rollout/restart.go
  adviceWhenPodCannotStart: (pod) =>
    `A restart of a Rollout evicts no pod while another one is not available, and so does not replace such a pod: delete ${pod} after the repair, also after a rollback.`,
  templateReference: ({ spec: { workloadRef } }) =>
    workloadRef === undefined ? undefined : { kind: workloadRef.kind, name: workloadRef.name },
  replacementOf: ({ spec }) => {
    const { maxSurge, maxUnavailable } = spec.strategy?.canary ?? spec.strategy?.blueGreen ?? {};
    return { type: 'RollingUpdate', maxSurge, maxUnavailable };
  },
  withReplacement: ({ maxSurge, maxUnavailable }) => ({
    strategy: {
      canary: {
        ...(maxSurge === undefined ? {} : { maxSurge }),
        ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
      },
    },
  }),
};

/**
 * The restart is done when `status.restartedAt` has come to `spec.restartAt`. Afterwards every pod counts, those of an update of
 * its own too: `updatedReplicas` is not read, since a canary that waits at a step has other pods for good reason.
 */
function restartState(object: WorkloadObject, desired: number, ready: number) {
  const { spec, status = {} } = object;
  const stuck = isStuck(object);
  if (spec.restartAt != null && !(timeOf(status.restartedAt) >= timeOf(spec.restartAt)))
    return waiting(
      'its controller to evict the older pods, which a PodDisruptionBudget can forbid',
      desired,
      ready,
      stuck,
    );
  const total = Math.max(desired, status.replicas ?? 0);
  if (ready < total) return waiting(`${ready} of ${total} pods ready`, desired, ready, stuck);
  const available = status.availableReplicas ?? 0;
  if (available < desired) return waiting(`${available} of ${desired} pods available`, desired, ready, stuck);
  return complete(desired, ready);
}

/**
 * A restart does not reset the condition, as a new template of a Deployment does: what was said before it is about something
 * else (setRolloutCondition in argo-rollouts/utils/conditions keeps a condition that repeats itself as it is).
 */
function isStuck({ spec, status }: WorkloadObject): boolean {
  const progressing = conditionOf(status?.conditions, 'Progressing');
  if (progressing?.reason !== 'ProgressDeadlineExceeded') return false;
  return spec.restartAt == null || timeOf(progressing.lastUpdateTime) >= timeOf(spec.restartAt);
}

/** The controller evicts as many at a time as maxUnavailable says, and at least one. */
function evictedAtOnce(object: WorkloadObject): number {
  const { maxUnavailable = 0 } = argoRollout.replacementOf(object);
  return Math.max(1, shareOfPods(maxUnavailable, object.spec.replicas ?? 1, 'down'));
}

/**
 * Later than the creation of any pod that is there now. Creation times and this field are whole seconds, a pod of the same second
 * is not evicted, and our reading of the server's clock can be almost a second behind. The controller waits until it is over.
 */
const restartMoment = (now: number): string =>
  `${new Date((Math.floor(now / 1_000) + 2) * 1_000).toISOString().slice(0, 19)}Z`;

const timeOf = (text: string | null | undefined): number => Date.parse(text ?? '');

const conditionOf = (conditions: readonly Condition[] | undefined, type: string): Condition | undefined =>
  conditions?.find((condition) => condition.type === type);
