import { observeControlPlanes } from '../mesh/observe/control-planes.ts';
import { observeTags, observeWebhooks } from '../mesh/observe/webhooks.ts';
import { observeNamespaces, observeWorkloads } from '../mesh/observe/workloads.ts';
import type { Workload } from '../model/world.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { Metrics } from '../ports/prometheus.ts';
import { injectionHints } from './injection-hints.ts';
import { type Inventory, inventorySchema } from './inventory-schema.ts';
import { readRoom } from './read-room.ts';
import { readSurroundings } from './read-surroundings.ts';
import { readyTimes } from './ready-times.ts';
import { type TrafficSettings, trafficLevels } from './traffic-levels.ts';
import { Unread } from './unread.ts';
import { workloadEntry, workloadObjects } from './workload-entry.ts';

export interface Subject {
  cluster: Cluster;
  istioNamespace: string;
  tag: string;
  /** Left out: the traffic levels stay unknown. */
  gate?: { metrics: Metrics; settings: TrafficSettings };
}

/** Reads a mesh for a rehearsal elsewhere; writes nothing. Every field is selected by name: the inventory contains no other. */
export async function takeInventory({ cluster, istioNamespace, tag, gate }: Subject): Promise<Inventory> {
  const unread = new Unread();
  const [controlPlanes, tags, webhooks, namespaces, kubernetesVersion] = await Promise.all([
    observeControlPlanes(cluster, istioNamespace),
    observeTags(cluster, istioNamespace),
    observeWebhooks(cluster, istioNamespace),
    observeNamespaces(cluster),
    cluster.version(),
  ]);
  const { workloads, loosePods } = await observeWorkloads(cluster, namespaces, webhooks);
  const inMesh = workloads.filter(isInMesh);
  const objects = await workloadObjects(cluster);
  const times = await readyTimes(cluster, inMesh);
  if (times.unmeasured.length > 0) unread.add(`how long pods take in ${times.unmeasured.length} large namespaces`);
  const levels = gate && (await unread.unless('Prometheus', trafficLevels(gate.metrics, gate.settings)));
  const entries = inMesh.map((workload) => workloadEntry(workload, objects, times, levels));
  return inventorySchema.parse({
    schema: 1,
    takenAt: new Date(cluster.now()).toISOString(),
    namesHashed: false,
    kubernetesVersion,
    istioNamespace,
    tag,
    controlPlanes: [...controlPlanes.values()].map(({ revision, version, deployment }) => ({
      revision,
      version: version ?? null,
      replicas: deployment?.desired ?? 0,
      ready: deployment?.ready ?? 0,
    })),
    tags: [...tags].map(([name, parts]) => ({ name, revision: agreed(parts.map(({ revision }) => revision)) })),
    webhooks: webhooks
      .filter(({ injects }) => injects)
      .map(({ configuration, name, revision, failurePolicy }) => ({
        configuration,
        name,
        revision: revision ?? null,
        failurePolicy,
      })),
    namespaces: [...namespaces.values()].map(({ name, labels }) => ({ name, labels: injectionHints(labels) })),
    workloads: entries,
    workloadsOutside: workloads.length - inMesh.length,
    loosePods: loosePods.map(({ namespace, name, revision }) => ({ namespace, name, revision })),
    ...(await readSurroundings(cluster, inMesh, unread)),
    nodes: await readRoom(cluster, workloads, objects, unread),
    unread: unread.list,
  });
}

/** Istiod itself is a control plane, not a workload of the mesh. */
function isInMesh({ follows, pods, template, isGateway }: Workload): boolean {
  if (template.labels['app'] === 'istiod') return false;
  return follows !== undefined || isGateway || [...pods].some(([revision, count]) => revision !== 'none' && count > 0);
}

function agreed(revisions: readonly (string | undefined)[]): string | null {
  const [first, ...others] = [...new Set(revisions)];
  return others.length > 0 ? null : (first ?? null);
}
