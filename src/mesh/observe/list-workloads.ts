import type { WorkloadKind } from '../../model/workload-kind.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import type { WorkloadObject } from '../../ports/objects.ts';
import { allDefinitions } from '../../workloads/workloads.ts';

export interface ListedWorkload {
  kind: WorkloadKind;
  object: WorkloadObject;
}

/** Every workload of the cluster, kind by kind, from the lists that are followed anyway. */
export async function listWorkloads(cluster: Cluster): Promise<readonly ListedWorkload[]> {
  const lists = await Promise.all(
    allDefinitions.map(async ({ kind, resource }) =>
      (await cluster.list<WorkloadObject>(resource)).map((object) => ({ kind, object })),
    ),
  );
  return lists.flat();
}
