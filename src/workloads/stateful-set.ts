import { StatefulSets } from '../ports/kinds.ts';
import type { WorkloadObject } from '../ports/objects.ts';
import { isUnseen, replicatedRollout, unseen, withRefusal } from './rollout-state.ts';
import { templateRestart, tokenInTemplate } from './template-restart.ts';
import { updateStrategyOf, whyOnDelete, withUpdateStrategy } from './update-strategy.ts';
import type { WorkloadDefinition } from './workload-definition.ts';

export const statefulSet: WorkloadDefinition = {
  resource: StatefulSets,
  mayBeAbsent: false,
  rolloutOf: (object) => {
    const desired = object.spec.replicas ?? 1;
    if (isUnseen(object)) return unseen(desired, object.status?.readyReplicas ?? 0);
    const toUpdate = Math.max(0, desired - partitionOf(object));
    return withRefusal(
      replicatedRollout(object, { updated: updatedReplicas(object, desired), toUpdate, stuck: false }),
      object,
    );
  },
  whyUnrestartable: (object) => {
    const partition = partitionOf(object);
    return (
      whyOnDelete(object) ??
      (partition > 0 ? `its partition is ${partition}, so pods below it keep their proxy` : undefined)
    );
  },
  whyDown: ({ spec }) =>
    (spec.replicas ?? 1) === 1 ? 'it has one replica, which ends before its successor starts' : undefined,
  surgePods: () => 0,
  restartPatch: templateRestart,
  tokenOf: tokenInTemplate,
  makesPods: 'in place of old ones',
  hasReplicas: true,
  // kubernetes/kubernetes#67250
  adviceWhenPodCannotStart: (pod) =>
    `A StatefulSet does not replace such a pod by itself: delete ${pod} after the repair, also after a rollback.`,
  replacementOf: updateStrategyOf,
  withReplacement: withUpdateStrategy,
};

const partitionOf = ({ spec }: WorkloadObject): number => spec.updateStrategy?.rollingUpdate?.partition ?? 0;

/** A finished StatefulSet rollout drops `updatedReplicas` and names one revision twice instead. */
function updatedReplicas({ status = {} }: WorkloadObject, desired: number): number {
  const finished = status.updateRevision !== undefined && status.currentRevision === status.updateRevision;
  return finished ? Math.min(desired, status.replicas ?? 0) : (status.updatedReplicas ?? 0);
}
