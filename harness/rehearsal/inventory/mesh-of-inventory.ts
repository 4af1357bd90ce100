import { podRequests } from '../../../src/checks/surge/pod-requests.ts';
import { none, plus, times } from '../../../src/checks/surge/quantity.ts';
import type { Inventory } from '../../../src/inventory/inventory-schema.ts';
import type { KubernetesObject } from '../../../src/model/kubernetes-object.ts';
import { GatewayApiGateways, Namespaces, Nodes, Pods } from '../../../src/ports/kinds.ts';
import type { WorkloadObject } from '../../../src/ports/objects.ts';
import { allDefinitions, definitionOf } from '../../../src/workloads/workloads.ts';
import { createSim, type Sim } from '../sim/create-sim.ts';
import { seedWorkload } from '../sim/seed-mesh.ts';
import { originOf } from './origin.ts';
import { seedOf } from './seed-of-workload.ts';

const manager = { manager: 'kubectl-client-side-apply' };
/** What each proxy serves where the inventory knows no traffic. */
export const assumedRps = 50;

/** The simulator loaded with an inventory, before anything serves. @throws InventoryUnfit */
export async function meshOfInventory(
  inventory: Inventory,
  { seed, scrapeIntervalMs }: { seed: number; scrapeIntervalMs: number },
): Promise<Sim> {
  const { version, revision } = originOf(inventory);
  const sim = await createSim({
    seed,
    scrapeIntervalMs,
    from: version,
    revision,
    kubernetesVersion: inventory.kubernetesVersion.replace(/^v/, '').replace(/[^0-9.].*$/, ''),
    namespaces: [],
    rps: hasTraffic(inventory) ? 0 : assumedRps,
  });
  if (inventory.nodes !== null) sizeNodes(sim, inventory.nodes.count);
  await installOthers(sim, inventory, revision);
  await setTags(sim, inventory, { version, revision });
  for (const { name, labels } of inventory.namespaces) placeNamespace(sim, name, labels);
  for (const workload of inventory.workloads)
    if (workload.gateway === null)
      seedWorkload(sim.registry, workload.namespace, seedOf(workload, { version, revision }));
  placeGateways(sim, inventory);
  for (const { namespace, name } of inventory.loosePods) placeLoosePod(sim, namespace, name);
  await sim.settle();
  // A Deployment that is created paused has no pods at all.
  for (const { kind, namespace, name, strategy } of inventory.workloads)
    if (strategy.paused === true)
      sim.registry.patch(
        definitionOf(kind).resource,
        { namespace, name },
        { type: 'merge', body: { spec: { paused: true } } },
        manager,
      );
  if (inventory.nodes !== null) leaveRoom(sim, inventory.nodes);
  await sim.settle();
  return sim;
}

export const hasTraffic = ({ workloads }: Inventory): boolean => workloads.some(({ traffic }) => traffic !== null);

function sizeNodes(sim: Sim, count: number): void {
  const nodes = sim.store.list<KubernetesObject>(Nodes);
  const [model] = nodes;
  if (model === undefined) throw new Error('the simulator has no nodes');
  for (const { metadata } of nodes.slice(Math.max(1, count))) sim.registry.delete(Nodes, { name: metadata.name });
  for (let index = nodes.length; index < count; index += 1) {
    const name = `node-${index + 1}`;
    const labels = { ...model.metadata.labels, 'kubernetes.io/hostname': name };
    sim.registry.create(Nodes, { ...model, metadata: { name, labels } }, manager);
  }
}

/** So much that what is here leaves free what was free there; what ran there besides the mesh is not here. */
function leaveRoom(sim: Sim, { free }: NonNullable<Inventory['nodes']>): void {
  const requested = allDefinitions
    .flatMap(({ resource }) => sim.store.list<WorkloadObject>(resource))
    .map(({ metadata, spec, status }) => {
      const pods = status?.replicas ?? status?.currentNumberScheduled ?? 0;
      const injected = metadata.labels?.['app'] !== 'istiod';
      return times(podRequests(spec.template, injected), pods);
    })
    .reduce(plus, none);
  const nodes = sim.store.list<KubernetesObject>(Nodes);
  const allocatable = {
    cpu: String((free.cpu + requested.cpu) / nodes.length),
    memory: String(Math.floor((free.memory + requested.memory) / nodes.length)),
    pods: '20000',
  };
  for (const node of nodes) {
    const status = (node as { status?: object }).status;
    sim.store.put(Nodes, { ...node, status: { ...status, allocatable } } as KubernetesObject);
  }
}

async function istioctl(sim: Sim, version: string, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await sim.run(sim.istioctlProcess(version).run([...args], { timeoutMs: 600_000 }));
  if (exitCode !== 0) throw new Error(`istioctl ${args.join(' ')} fails on the simulator: ${stderr}`);
}

async function installOthers(sim: Sim, { controlPlanes }: Inventory, from: string): Promise<void> {
  for (const { revision, version } of controlPlanes) {
    if (revision === from || version === null) continue;
    await istioctl(sim, version, ['install', '-y', '--set', 'profile=minimal', '--revision', revision]);
  }
  await sim.settle();
}

async function setTags(sim: Sim, { tags }: Inventory, from: { version: string; revision: string }): Promise<void> {
  for (const { name, revision } of tags) {
    if (revision === null || (name === 'default' && revision === from.revision)) continue;
    await istioctl(sim, from.version, ['tag', 'set', name, '--revision', revision, '--overwrite']);
  }
  await sim.settle();
}

function placeNamespace(sim: Sim, name: string, labels: Record<string, string>): void {
  if (sim.store.get(Namespaces, name) === undefined)
    sim.registry.create(Namespaces, { metadata: { name, labels } }, manager);
  else sim.registry.patch(Namespaces, { name }, { type: 'merge', body: { metadata: { labels } } }, manager);
}

/** Those that istiod made a Deployment of; other controllers have gateways too. */
function placeGateways(sim: Sim, { gateways, workloads }: Inventory): void {
  const ours = gateways.filter(({ namespace, name }) =>
    workloads.some((workload) => workload.namespace === namespace && workload.gateway === name),
  );
  if (ours.length > 0) sim.installGatewayApi();
  for (const metadata of ours)
    sim.registry.create(
      GatewayApiGateways,
      { metadata: { ...metadata }, spec: { gatewayClassName: 'istio', listeners: [{ port: 80 }] } } as KubernetesObject,
      manager,
    );
}

function placeLoosePod(sim: Sim, namespace: string, name: string): void {
  const pod = {
    metadata: { name, namespace, labels: { app: name } },
    spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
  };
  sim.registry.create(Pods, pod as KubernetesObject, manager);
}
