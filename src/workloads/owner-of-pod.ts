import type { PartialObject } from '../model/kubernetes-object.ts';
import { allDefinitions, workloadId } from './workloads.ts';

/** The labels of pods that lead from a ReplicaSet to the workload that made it. */
export const ownerLabels: readonly string[] = allDefinitions.flatMap(({ replicaSetLabel }) => replicaSetLabel ?? []);

/** The id of what restarts a pod: `Deployment foo/foo`, or `Pod foo/bare` for one that nothing would create again. */
export function ownerOfPod({ metadata }: PartialObject): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  const namespace = metadata.namespace ?? '';
  if (owner === undefined) return `Pod ${namespace}/${metadata.name}`;
  if (owner.kind === 'ReplicaSet')
    for (const { kind, replicaSetLabel = '' } of allDefinitions) {
      const hash = metadata.labels?.[replicaSetLabel];
      if (hash !== undefined && owner.name.endsWith(`-${hash}`))
        return workloadId(kind, namespace, owner.name.slice(0, -hash.length - 1));
    }
  return `${owner.kind} ${namespace}/${owner.name}`;
}
