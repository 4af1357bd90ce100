import type { WorkloadObject } from '../../../../src/ports/objects.ts';

/** Waiting for this rollout can never end well, or kubectl refuses to. */
export class RolloutStatusError extends Error {
  override readonly name = 'RolloutStatusError';
}

type Judge = (object: WorkloadObject) => boolean;

/**
 * Whether `kubectl rollout status` ends with success at this state of a workload: it counts pods by their template, and never
 * asks which proxy they run.
 * @throws RolloutStatusError for a progress deadline exceeded, and for an update strategy that is not RollingUpdate
 * @see https://github.com/kubernetes/kubectl/blob/master/pkg/polymorphichelpers/rollout_status.go
 */
export function isRolledOut(kind: string, object: WorkloadObject): boolean {
  const judge = judges[kind];
  if (judge === undefined) throw new RolloutStatusError(`no status viewer has been implemented for ${kind}`);
  return judge(object);
}

const judges: Readonly<Record<string, Judge>> = {
  Deployment: (object) => {
    if (!isObserved(object)) return false;
    const { status = {}, spec, metadata } = object;
    if (status.conditions?.some(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded'))
      throw new RolloutStatusError(`deployment "${metadata.name}" exceeded its progress deadline`);
    const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
    const isReplaced = updatedReplicas >= (spec.replicas ?? 1) && replicas <= updatedReplicas;
    return isReplaced && availableReplicas >= updatedReplicas;
  },
  DaemonSet: (object) => {
    expectRolling(object);
    if (!isObserved(object)) return false;
    const { desiredNumberScheduled = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = object.status ?? {};
    return updatedNumberScheduled >= desiredNumberScheduled && numberAvailable >= desiredNumberScheduled;
  },
  StatefulSet: (object) => {
    expectRolling(object);
    const { status = {}, spec } = object;
    if ((status.observedGeneration ?? 0) === 0 || !isObserved(object)) return false;
    const { readyReplicas = 0, updatedReplicas = 0, updateRevision, currentRevision } = status;
    const replicas = spec.replicas ?? 1;
    if (readyReplicas < replicas) return false;
    const partition = spec.updateStrategy?.rollingUpdate?.partition;
    return partition === undefined ? updateRevision === currentRevision : updatedReplicas >= replicas - partition;
  },
};

const isObserved = ({ metadata, status }: WorkloadObject): boolean =>
  (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0);

function expectRolling({ spec }: WorkloadObject): void {
  if ((spec.updateStrategy?.type ?? 'RollingUpdate') !== 'RollingUpdate')
    throw new RolloutStatusError('rollout status is only available for RollingUpdate strategy type');
}
