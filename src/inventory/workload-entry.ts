import { waitsBeforeItStops } from '../checks/stop-wait.ts';
import { podRequests } from '../checks/surge/pod-requests.ts';
import { listWorkloads } from '../mesh/observe/list-workloads.ts';
import type { Workload } from '../model/world.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { WorkloadObject } from '../ports/objects.ts';
import { injectionHints } from './injection-hints.ts';
import type { InventoryWorkload } from './inventory-schema.ts';
import type { Measured } from './ready-times.ts';
import { strategyOf } from './strategy-of.ts';

/** By id, `Deployment foo/foo`. */
export type WorkloadObjects = ReadonlyMap<string, WorkloadObject>;

/** From the lists that are followed anyway. */
export async function workloadObjects(cluster: Cluster): Promise<WorkloadObjects> {
  return new Map((await listWorkloads(cluster)).map(({ id, object }) => [id, object]));
}

/** @param levels the traffic of pods, given as `namespace/pod`; left out if it is unknown */
export function workloadEntry(
  workload: Workload,
  objects: WorkloadObjects,
  { seconds, priorities }: Pick<Measured, 'seconds' | 'priorities'>,
  levels: ((pods: readonly string[]) => InventoryWorkload['traffic']) | undefined,
): InventoryWorkload {
  const { kind, namespace, name, id, template, follows, podNames } = workload;
  const object = objects.get(id);
  // Both come from the same followed list.
  if (object === undefined) throw new Error(`${id} was listed a moment ago`);
  const priority = priorities.get(id);
  return {
    kind,
    namespace,
    name,
    replicas: workload.rollout.desired,
    strategy: strategyOf(kind, object),
    labels: injectionHints(template.labels),
    annotations: injectionHints(template.annotations),
    pinsProxyImage: workload.pinnedImage !== undefined,
    hasFixedProxy: workload.hasFixedProxy,
    isGateway: workload.isGateway,
    gateway: template.labels['gateway.networking.k8s.io/gateway-name'] ?? null,
    follows: follows?.tag ?? follows?.revision ?? null,
    pods: Object.fromEntries(workload.pods),
    readySeconds: seconds.get(id) ?? null,
    waits: waitsBeforeItStops(object.spec.template),
    ...(priority !== undefined && { priority }),
    requests: podRequests(object.spec.template, follows !== undefined),
    traffic: levels?.([...podNames.values()].flat().map((pod) => `${namespace}/${pod}`)) ?? null,
  };
}
