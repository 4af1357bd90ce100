import type { Workload } from '../../model/world.ts';
import { Pods } from '../../ports/kinds.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import type { Pod } from '../../ports/objects.ts';
import { readWhole } from '../observe/list-workloads.ts';
import { livePods, podsByOwner } from '../observe/workloads.ts';
import { probePod } from './probe-pod.ts';

/** What is to be known of a workload to ask for its pod. */
export type Asked = Pick<Workload, 'kind' | 'namespace' | 'name' | 'id'>;

/** The pod to try for a workload as it is now; `undefined` when the workload is gone. */
export async function probeOf(cluster: Cluster, workload: Asked): Promise<Pod | undefined> {
  const [whole, pods] = await Promise.all([
    readWhole(cluster, workload),
    cluster.listMetadata(Pods, { fieldSelector: livePods }),
  ]);
  return whole && probePod(workload, { ...whole, members: podsByOwner(pods).get(workload.id) ?? [] });
}
