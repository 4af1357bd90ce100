import type { WorkloadObject } from '../../../src/ports/objects.ts';

export interface StatusWords {
  done: boolean;
  words: string;
}

/** Waiting for this rollout can never end well, or kubectl refuses to. */
export class RolloutStatusError extends Error {
  override readonly name = 'RolloutStatusError';
}

type Judge = (object: WorkloadObject) => StatusWords;

/**
 * What `kubectl rollout status` says of one state of a workload: it counts pods by their template, and never asks which
 * proxy they run.
 * @throws RolloutStatusError for a progress deadline exceeded, and for an update strategy that is not RollingUpdate
 * @see https://github.com/kubernetes/kubectl/blob/master/pkg/polymorphichelpers/rollout_status.go
 */
export function rolloutStatus(kind: string, object: WorkloadObject): StatusWords {
  const judge = judges[kind];
  if (judge === undefined) throw new RolloutStatusError(`no status viewer has been implemented for ${kind}`);
  return judge(object);
}

const judges: Readonly<Record<string, Judge>> = {
  Deployment: (object) => {
    if (!isObserved(object)) return waiting('deployment spec update to be observed');
    const { status = {}, spec, metadata } = object;
    if (status.conditions?.some(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded'))
      throw new RolloutStatusError(`deployment "${metadata.name}" exceeded its progress deadline`);
    const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
    if (updatedReplicas < (spec.replicas ?? 1))
      return waiting(`${updatedReplicas} out of ${spec.replicas ?? 1} new replicas have been updated`);
    if (replicas > updatedReplicas)
      return waiting(`${replicas - updatedReplicas} old replicas are pending termination`);
    if (availableReplicas < updatedReplicas)
      return waiting(`${availableReplicas} of ${updatedReplicas} updated replicas are available`);
    return { done: true, words: `deployment "${metadata.name}" successfully rolled out` };
  },
  DaemonSet: (object) => {
    onlyRolling(object);
    if (!isObserved(object)) return waiting('daemon set spec update to be observed');
    const { desiredNumberScheduled = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = object.status ?? {};
    if (updatedNumberScheduled < desiredNumberScheduled)
      return waiting(`${updatedNumberScheduled} out of ${desiredNumberScheduled} new pods have been updated`);
    if (numberAvailable < desiredNumberScheduled)
      return waiting(`${numberAvailable} of ${desiredNumberScheduled} updated pods are available`);
    return { done: true, words: `daemon set "${object.metadata.name}" successfully rolled out` };
  },
  StatefulSet: (object) => {
    onlyRolling(object);
    const { status = {}, spec } = object;
    if ((status.observedGeneration ?? 0) === 0 || !isObserved(object))
      return waiting('statefulset spec update to be observed');
    const { readyReplicas = 0, updatedReplicas = 0, updateRevision, currentRevision } = status;
    const replicas = spec.replicas ?? 1;
    if (readyReplicas < replicas) return waiting(`${replicas - readyReplicas} pods to be ready`);
    const partition = spec.updateStrategy?.rollingUpdate?.partition;
    if (partition !== undefined) {
      if (updatedReplicas < replicas - partition)
        return waiting(`${updatedReplicas} out of ${replicas - partition} new pods have been updated`);
      return { done: true, words: `partitioned roll out complete: ${updatedReplicas} new pods have been updated` };
    }
    if (updateRevision !== currentRevision)
      return waiting(`statefulset rolling update to complete ${updatedReplicas} pods at revision ${updateRevision}`);
    return { done: true, words: `statefulset rolling update complete ${updatedReplicas} pods` };
  },
};

const waiting = (what: string): StatusWords => ({ done: false, words: `Waiting for ${what}...` });

const isObserved = ({ metadata, status }: WorkloadObject): boolean =>
  (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0);

function onlyRolling({ spec }: WorkloadObject): void {
  if ((spec.updateStrategy?.type ?? 'RollingUpdate') !== 'RollingUpdate')
    throw new RolloutStatusError('rollout status is only available for RollingUpdate strategy type');
}
