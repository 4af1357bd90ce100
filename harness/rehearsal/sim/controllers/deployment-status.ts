import type { Condition } from '../../../../src/ports/objects.ts';
import { withCondition, withoutCondition } from './conditions.ts';
import type { Deployment, ReplicaSet } from './kinds.ts';
import { limitsOf } from './rolling-update.ts';

type Conditions = readonly (Condition & { lastUpdateTime?: string })[] | undefined;
type Status = NonNullable<Deployment['status']>;

/** The status after a pass, and when to look again for a missed progress deadline. */
export function deploymentStatus(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  sets: readonly ReplicaSet[],
  now: string,
  nowMs: number,
): { status: object; checkAgainMs: number | undefined } {
  const sum = (field: 'replicas' | 'readyReplicas' | 'availableReplicas') =>
    sets.reduce((total, { status }) => total + (status?.[field] ?? 0), 0);
  const replicas = sum('replicas');
  const available = sum('availableReplicas');
  const wanted = deployment.spec.replicas ?? 1;
  const allWanted = sets.reduce((total, { spec }) => total + spec.replicas, 0);
  const counts = {
    replicas,
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: sum('readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, allWanted - available),
  };
  const isComplete =
    counts.updatedReplicas === wanted && replicas === wanted && available === wanted && current !== undefined;
  const isAvailable = available >= wanted - limitsOf(deployment).maxUnavailable;
  const progress = progressing(deployment, current, counts, isComplete, now, nowMs);
  const conditions = failing(withCondition(progress.conditions, availability(isAvailable), now), sets, now);
  return {
    status: { ...nonZero(counts), observedGeneration: deployment.metadata.generation ?? 1, conditions },
    checkAgainMs: progress.checkAgainMs,
  };
}

export function withNewReplicaSetCondition(conditions: Conditions, name: string, now: string) {
  return withCondition(
    conditions,
    {
      type: 'Progressing',
      status: 'True',
      reason: 'NewReplicaSetCreated',
      message: `Created new replica set "${name}"`,
    },
    now,
  );
}

function availability(isAvailable: boolean): Condition {
  return isAvailable
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

function progressing(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  counts: Record<string, number>,
  isComplete: boolean,
  now: string,
  nowMs: number,
): { conditions: Conditions; checkAgainMs?: number } {
  const { status, spec, metadata } = deployment;
  const conditions: Conditions = status?.conditions;
  const set = (reason: string, message: string, is = 'True') =>
    withCondition(conditions, { type: 'Progressing', status: is, reason, message }, now);
  const name = current?.metadata.name ?? metadata.name;
  const before = conditions?.find(({ type }) => type === 'Progressing');
  if (spec.paused) {
    if (before?.reason === 'ProgressDeadlineExceeded') return { conditions };
    return { conditions: set('DeploymentPaused', 'Deployment is paused', 'Unknown') };
  }
  if (before?.reason === 'DeploymentPaused' && !isComplete) {
    const resumed = set('DeploymentResumed', 'Deployment is resumed', 'Unknown');
    return { conditions: resumed, checkAgainMs: deadlineMs(spec.progressDeadlineSeconds) };
  }
  if (isComplete) {
    return { conditions: set('NewReplicaSetAvailable', `ReplicaSet "${name}" has successfully progressed.`) };
  }
  if (hasProgressed(status, counts)) {
    const touched = set('ReplicaSetUpdated', `ReplicaSet "${name}" is progressing.`).map((condition) =>
      condition.type === 'Progressing' ? { ...condition, lastUpdateTime: now } : condition,
    );
    return { conditions: touched, checkAgainMs: deadlineMs(spec.progressDeadlineSeconds) };
  }
  const old = before;
  if (!old || old.reason === 'ProgressDeadlineExceeded' || old.reason === 'NewReplicaSetAvailable') {
    return { conditions };
  }
  const left = Date.parse(old.lastUpdateTime ?? now) + deadlineMs(spec.progressDeadlineSeconds) - nowMs;
  if (left > 0) return { conditions, checkAgainMs: left };
  return {
    conditions: set('ProgressDeadlineExceeded', `ReplicaSet "${name}" has timed out progressing.`, 'False'),
  };
}

function hasProgressed(status: Status | undefined, counts: Record<string, number>): boolean {
  const before = status ?? {};
  const old = (before.replicas ?? 0) - (before.updatedReplicas ?? 0);
  return (
    (counts['updatedReplicas'] ?? 0) > (before.updatedReplicas ?? 0) ||
    (counts['replicas'] ?? 0) - (counts['updatedReplicas'] ?? 0) < old ||
    (counts['readyReplicas'] ?? 0) > (before.readyReplicas ?? 0) ||
    (counts['availableReplicas'] ?? 0) > (before.availableReplicas ?? 0)
  );
}

/** Pods that cannot be created show up in the Deployment: 39-webhook-down. */
function failing(conditions: Conditions, sets: readonly ReplicaSet[], now: string): Conditions {
  const failure = sets.flatMap(({ status }) => status?.conditions ?? []).find(({ type }) => type === 'ReplicaFailure');
  return failure
    ? withCondition(conditions, { ...failure, type: 'ReplicaFailure' }, now)
    : withoutCondition(conditions, 'ReplicaFailure');
}

function deadlineMs(progressDeadlineSeconds = 600): number {
  return progressDeadlineSeconds * 1000;
}

/** The API leaves counts of zero out. */
function nonZero(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}
