import type { KubernetesObject, LabelSelector } from '../../../../src/model/kubernetes-object.ts';
import type { Kind } from '../../../../src/ports/kubernetes.ts';
import type { PodTemplate, WorkloadObject } from '../../../../src/ports/objects.ts';

export const ReplicaSets: Kind = { apiVersion: 'apps/v1', kind: 'ReplicaSet', plural: 'replicasets', namespaced: true };
export const ControllerRevisions: Kind = {
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  namespaced: true,
};

/** What the controllers need of a workload beyond what the product reads. */
export type Deployment = WorkloadObject & {
  spec: { progressDeadlineSeconds?: number; revisionHistoryLimit?: number };
};

export interface ReplicaSet extends KubernetesObject {
  spec: { replicas: number; selector: LabelSelector; template: PodTemplate; minReadySeconds?: number };
  status?: {
    replicas?: number;
    fullyLabeledReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    observedGeneration?: number;
    conditions?: { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string }[];
  };
}

export type StatefulSet = WorkloadObject & { spec: { podManagementPolicy?: string; serviceName?: string } };

/** What the controller needs of a Rollout beyond what the product reads. */
export type ArgoRollout = WorkloadObject & {
  spec: { progressDeadlineSeconds?: number };
  status?: { stableRS?: string; currentPodHash?: string };
};
