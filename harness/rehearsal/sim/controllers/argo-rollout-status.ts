import type { Condition } from '../../../../src/ports/objects.ts';
import { withCondition, withoutCondition } from './conditions.ts';
import type { ArgoRollout, ReplicaSet } from './kinds.ts';

type Conditions = readonly Condition[] | undefined;

interface Counts {
  replicas: number;
  updatedReplicas: number;
  readyReplicas: number;
  availableReplicas: number;
}

/** The status after a pass (rollout/sync.go and CalculateRolloutPhase), and when to look again for a missed deadline. */
export function argoRolloutStatus(
  rollout: ArgoRollout,
  { current, hash, sets }: { current: ReplicaSet; hash: string; sets: readonly ReplicaSet[] },
  { restartedAt, isWaiting }: { restartedAt: string | null | undefined; isWaiting: boolean },
  now: string,
  nowMs: number,
): { status: Record<string, unknown> & { phase: string }; checkAgainMs: number | undefined } {
  const wanted = rollout.spec.replicas ?? 1;
  const sum = (field: 'replicas' | 'readyReplicas' | 'availableReplicas') =>
    sets.reduce((total, { status }) => total + (status?.[field] ?? 0), 0);
  const counts: Counts = {
    replicas: sum('replicas'),
    updatedReplicas: current.status?.replicas ?? 0,
    readyReplicas: sum('readyReplicas'),
    availableReplicas: rollout.spec.strategy?.blueGreen
      ? (current.status?.availableReplicas ?? 0)
      : sum('availableReplicas'),
  };
  const isUpdated = counts.updatedReplicas === wanted && (current.status?.availableReplicas ?? 0) === wanted;
  const stableRS = isUpdated ? hash : rollout.status?.stableRS;
  const isHealthy = stableRS === hash && isUpdated && counts.replicas === wanted && counts.availableReplicas === wanted;
  const progress = progressing(rollout, current, counts, { isHealthy, isWaiting }, now, nowMs);
  const conditions = withoutCondition(failing(progress.conditions, sets, now), 'InvalidSpec');
  const timedOut = conditions.find(({ reason }) => reason === 'ProgressDeadlineExceeded');
  const isRestarting = rollout.spec.restartAt != null && rollout.spec.restartAt !== restartedAt;
  const [phase, message] = timedOut
    ? ['Degraded', `ProgressDeadlineExceeded: ${timedOut.message ?? ''}`]
    : isWaiting
      ? ['Paused', 'CanaryPauseStep']
      : isRestarting
        ? ['Progressing', 'rollout is restarting']
        : isHealthy
          ? ['Healthy', '']
          : ['Progressing', 'updated replicas are still becoming available'];
  return {
    status: {
      ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)),
      HPAReplicas: counts.replicas,
      currentPodHash: hash,
      observedGeneration: String(rollout.metadata.generation ?? 1),
      conditions,
      phase: phase ?? '',
      ...(message === '' ? {} : { message }),
      ...(stableRS === undefined ? {} : { stableRS }),
      ...(restartedAt == null ? {} : { restartedAt }),
      ...(isWaiting ? { controllerPause: true, pauseConditions: [{ reason: 'CanaryPauseStep' }] } : {}),
    },
    checkAgainMs: progress.checkAgainMs,
  };
}

function progressing(
  rollout: ArgoRollout,
  { metadata }: ReplicaSet,
  counts: Counts,
  { isHealthy, isWaiting }: { isHealthy: boolean; isWaiting: boolean },
  now: string,
  nowMs: number,
): { conditions: Conditions; checkAgainMs?: number } {
  const conditions: Conditions = rollout.status?.conditions;
  const before = conditions?.find(({ type }) => type === 'Progressing');
  const set = (reason: string, message: string, status = 'True') =>
    withCondition(conditions, { type: 'Progressing', status, reason, message }, now);
  const deadlineMs = (rollout.spec.progressDeadlineSeconds ?? 600) * 1_000;
  if (isWaiting) return { conditions: set('RolloutPaused', 'Rollout is paused', 'Unknown') };
  if (isHealthy)
    return { conditions: set('NewReplicaSetAvailable', `ReplicaSet "${metadata.name}" has successfully progressed.`) };
  const becameUnhealthy = before?.reason === 'NewReplicaSetAvailable';
  if (becameUnhealthy || hasProgressed(rollout.status ?? {}, counts)) {
    const touched = becameUnhealthy
      ? set('ReplicaSetNotAvailable', 'Rollout is not available')
      : set('ReplicaSetUpdated', `ReplicaSet "${metadata.name}" is progressing.`);
    return {
      conditions: touched.map((each) => (each.type === 'Progressing' ? { ...each, lastUpdateTime: now } : each)),
      checkAgainMs: deadlineMs,
    };
  }
  if (before === undefined || before.reason === 'ProgressDeadlineExceeded') return { conditions };
  const leftMs = Date.parse(before.lastUpdateTime ?? now) + deadlineMs - nowMs;
  if (leftMs >= 0) return { conditions, checkAgainMs: leftMs + 1 };
  return {
    conditions: set('ProgressDeadlineExceeded', `ReplicaSet "${metadata.name}" has timed out progressing.`, 'False'),
  };
}

function hasProgressed(before: Partial<Counts>, counts: Counts): boolean {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = before;
  return (
    counts.updatedReplicas !== updatedReplicas ||
    counts.replicas - counts.updatedReplicas < replicas - updatedReplicas ||
    counts.readyReplicas > readyReplicas ||
    counts.availableReplicas > availableReplicas
  );
}

/** Why a ReplicaSet may not create its pods stands in the Rollout too. */
function failing(conditions: Conditions, sets: readonly ReplicaSet[], now: string) {
  const failure = sets.flatMap(({ status }) => status?.conditions ?? []).find(({ type }) => type === 'ReplicaFailure');
  return failure
    ? withCondition(conditions, { ...failure, type: 'ReplicaFailure' }, now)
    : withoutCondition(conditions, 'ReplicaFailure');
}
