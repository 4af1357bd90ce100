import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import { type Revision, revisionSuffix } from '../../model/revision.ts';
import { Autoscalers, Deployments } from '../../ports/kinds.ts';
import type { WorkloadObject } from '../../ports/objects.ts';
import { podRequests } from './pod-requests.ts';
import type { Amounts } from './quantity.ts';

/** What an istiod requests from the moment of its installation on. */
export interface IstiodAsks {
  /** Of one pod. */
  requests: Amounts;
  pods: number;
}

/**
 * From the objects of its manifest. An autoscaler keeps at least as many pods as its floor.
 * @returns `undefined` without its Deployment
 */
export function istiodAsks(objects: readonly KubernetesObject[], revision: Revision): IstiodAsks | undefined {
  const find = (kind: string) =>
    objects.find((object) => object.kind === kind && object.metadata.name === `istiod${revisionSuffix(revision)}`);
  const deployment = find(Deployments.kind) as WorkloadObject | undefined;
  if (deployment === undefined) return undefined;
  const autoscaler = find(Autoscalers.kind) as { spec?: { minReplicas?: number } } | undefined;
  return {
    requests: podRequests(deployment.spec.template, false),
    pods: Math.max(deployment.spec.replicas ?? 1, autoscaler?.spec?.minReplicas ?? 1),
  };
}
