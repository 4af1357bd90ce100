import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simRun } from '../../harness/rehearsal/backends/sim-run.ts';
import { createSim, type Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { hashNames } from '../../src/inventory/hash-names.ts';
import { type Inventory, inventorySchema } from '../../src/inventory/inventory-schema.ts';
import { takeInventory } from '../../src/inventory/take-inventory.ts';
import type { KubernetesObject } from '../../src/model/kubernetes-object.ts';
import { ConfigMaps, Deployments, Pods } from '../../src/ports/kinds.ts';
import type { WorkloadObject } from '../../src/ports/objects.ts';

const labels = { namespace: 'namespace', pod: 'pod' };

async function inventoryOf(sim: Sim, { gate = true } = {}): Promise<Inventory> {
  const { cluster } = await sim.run(simRun(sim));
  const taking = takeInventory({
    cluster,
    istioNamespace: 'istio-system',
    tag: 'default',
    ...(gate ? { gate: { metrics: sim.metrics, settings: { labels, intervalMs: 15_000, match: '' } } } : {}),
  });
  const inventory = await sim.run(taking);
  await sim.run(cluster.close());
  return inventory;
}

const servingMesh = async (): Promise<Sim> => {
  const sim = await createSim();
  await sim.advance(10 * 60_000);
  return sim;
};

describe('an inventory of the seed mesh', () => {
  it('holds every workload of the mesh with its strategy, its pods, its times and its traffic, and no other', async () => {
    const inventory = await inventoryOf(await servingMesh());
    expect(inventorySchema.parse(inventory)).toEqual(inventory);
    expect(inventory.workloads.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`).sort()).toEqual([
      'DaemonSet baz/agent',
      'Deployment bar/bar',
      'Deployment baz/baz',
      'Deployment foo/foo',
      'Deployment istio-ingress/istio-ingressgateway',
      'StatefulSet baz/db',
    ]);
    const bar = inventory.workloads.find(({ name }) => name === 'bar');
    expect(bar).toMatchObject({ replicas: 2, follows: 'default', pods: { '1-30-4': 2 }, isGateway: false });
    expect(bar?.traffic?.rps).toBeGreaterThan(90);
    expect(bar?.readySeconds).toBeLessThanOrEqual(2);
    expect(inventory.workloads.find(({ isGateway }) => isGateway)?.annotations).toEqual({
      'inject.istio.io/templates': 'gateway',
    });
    expect(inventory.controlPlanes).toEqual([{ revision: '1-30-4', version: '1.30.4', replicas: 1, ready: 1 }]);
    expect(inventory.tags).toEqual([{ name: 'default', revision: '1-30-4' }]);
    expect(inventory.nodes?.count).toBe(3);
  });

  it('lists what could not be read, and contains no traffic without a Prometheus', async () => {
    const inventory = await inventoryOf(await createSim(), { gate: false });
    expect(inventory.unread).toContain('Gateways of the Gateway API: is not served');
    expect(inventory.workloads.map(({ traffic }) => traffic)).toEqual(inventory.workloads.map(() => null));
  });

  it('lists Prometheus as unreadable when it does not answer', async () => {
    const sim = await servingMesh();
    sim.prometheus.faults.down = true;
    expect((await inventoryOf(sim)).unread.join()).toMatch(/Prometheus: PROMETHEUS_/);
  });

  it('contains none of the secrets in environments, arguments, labels, annotations and config maps', async () => {
    const secret = fc.stringMatching(/^[a-z0-9]{24}$/);
    await fc.assert(
      fc.asyncProperty(secret, async (value) => {
        const sim = await createSim({
          namespaces: [{ name: 'shop', labels: { 'istio.io/rev': 'default', team: value } }],
        });
        plant(sim, value);
        await sim.settle();
        const inventory = await inventoryOf(sim);
        expect(inventory.workloads.map(({ name }) => name)).toContain('cart');
        expect(inventory.loosePods.map(({ name }) => name)).toContain('bare');
        expect(JSON.stringify(inventory)).not.toContain(value);
      }),
      { numRuns: 5 },
    );
  });
});

/** Wherever people put what they should not. */
function plant(sim: Sim, value: string): void {
  const spec = {
    serviceAccountName: value,
    containers: [
      {
        name: 'app',
        image: `registry.example/${value}:1`,
        env: [{ name: 'PASSWORD', value }],
        args: [`--token=${value}`],
        command: ['run', value],
      },
    ],
  };
  const annotations = {
    'proxy.istio.io/config': `{ proxyMetadata: { TOKEN: ${value} } }`,
    'sidecar.istio.io/bootstrapOverride': value,
    'sidecar.istio.io/proxyImage': `registry.example/${value}/proxyv2:1.30.4`,
    'sidecar.istio.io/proxyCPU': value,
    'inject.istio.io/templates': `sidecar,${value}`,
    secret: value,
  };
  const manager = { manager: 'kubectl' };
  const metadata = { name: 'cart', namespace: 'shop', labels: { app: 'cart', key: value }, annotations };
  const template = { metadata: { labels: { app: 'cart', key: value }, annotations }, spec };
  sim.registry.create(
    Deployments,
    { metadata, spec: { replicas: 1, selector: { matchLabels: { app: 'cart' } }, template } } as WorkloadObject,
    manager,
  );
  sim.registry.create(Pods, { metadata: { ...metadata, name: 'bare' }, spec } as KubernetesObject, manager);
  sim.registry.create(
    ConfigMaps,
    { metadata: { name: 'settings', namespace: 'shop' }, data: { password: value } } as KubernetesObject,
    manager,
  );
}

describe('hashed names', () => {
  it('replace every name of the cluster, are the same everywhere in one inventory, and differ with the salt', async () => {
    const inventory = await inventoryOf(await servingMesh());
    const hashed = hashNames(inventory, 'one');
    expect(inventorySchema.parse(hashed)).toEqual(hashed);
    expect(JSON.stringify(hashed)).not.toMatch(/ingressgateway|"bar"|"baz"|outside|monitoring/);
    const spaces = new Set(hashed.namespaces.map(({ name }) => name));
    expect(hashed.workloads.filter(({ namespace }) => !spaces.has(namespace))).toEqual([]);
    expect([...spaces]).toEqual(expect.arrayContaining(['kube-system', 'istio-system']));
    // A namespace and the workload of the same name do not give each other away.
    const bar = hashed.workloads[inventory.workloads.findIndex(({ name }) => name === 'bar')];
    expect(bar?.name.split('-')[1]).not.toBe(bar?.namespace.split('-')[1]);
    expect(hashNames(inventory, 'two').workloads[0]?.name).not.toBe(hashed.workloads[0]?.name);
  });
});
