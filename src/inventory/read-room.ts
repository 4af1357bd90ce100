import { podRequests } from '../checks/surge/pod-requests.ts';
import { type Amounts, none, parseQuantity, plus, times } from '../checks/surge/quantity.ts';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { Workload } from '../model/world.ts';
import { Nodes } from '../ports/kinds.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { Inventory } from './inventory-schema.ts';
import type { Unread } from './unread.ts';
import type { WorkloadObjects } from './workload-entry.ts';

interface Node extends KubernetesObject {
  status?: { allocatable?: Record<string, string> };
}

/** What all nodes offer together, and what the pods of all workloads leave free. Jobs and bare pods are not counted. */
export async function readRoom(
  cluster: Cluster,
  workloads: readonly Workload[],
  objects: WorkloadObjects,
  unread: Unread,
): Promise<Inventory['nodes']> {
  const nodes = await unread.unless('nodes', cluster.list<Node>(Nodes));
  if (nodes === undefined) return null;
  const allocatable = nodes.map(allocatableOf).reduce(plus, none);
  const requested = workloads
    .map(({ id, pods, follows }): Amounts => {
      const object = objects.get(id);
      if (object === undefined) return none;
      const count = [...pods.values()].reduce((sum, each) => sum + each, 0);
      return times(podRequests(object.spec.template, follows !== undefined), count);
    })
    .reduce(plus, none);
  return {
    count: nodes.length,
    allocatable,
    free: {
      cpu: Math.max(0, allocatable.cpu - requested.cpu),
      memory: Math.max(0, allocatable.memory - requested.memory),
    },
  };
}

function allocatableOf({ status }: Node): Amounts {
  const read = (text: string | undefined) => (text === undefined ? 0 : (parseQuantity(text) ?? 0));
  return { cpu: read(status?.allocatable?.['cpu']), memory: read(status?.allocatable?.['memory']) };
}
