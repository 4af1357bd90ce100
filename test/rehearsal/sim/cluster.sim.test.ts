import { describe, expect, it } from 'vitest';
import { createSim, type Sim } from '../../../harness/rehearsal/sim/create-sim.ts';
import { createCluster } from '../../../src/kubernetes/cluster.ts';
import { ConfigMaps, Deployments, MutatingWebhooks, Namespaces, Pods } from '../../../src/ports/kinds.ts';
import type { ConfigMap, Pod, WorkloadObject } from '../../../src/ports/objects.ts';
import { createMetrics } from '../../../src/prometheus/client.ts';

const clusterOf = (sim: Sim) =>
  createCluster(sim.transport, { clock: sim.clock, userAgent: 'test', random: sim.jitter });

describe("the product's own Kubernetes adapter over the simulator", () => {
  it('lists, also metadata only, and reads single objects', async () => {
    const sim = await createSim();
    const cluster = clusterOf(sim);
    expect(await sim.run(cluster.version())).toBe('v1.36.3');
    expect(await sim.run(cluster.list(MutatingWebhooks))).toHaveLength(2);
    expect(await sim.run(cluster.listMetadata(Pods))).toHaveLength(sim.pods().length);
    expect(await sim.run(cluster.get(Namespaces, 'foo'))).toMatchObject({ metadata: { name: 'foo' } });
    expect(await sim.run(cluster.get(Namespaces, 'nope'))).toBeUndefined();
  });

  it('creates, guards a replace by the version, patches and deletes', async () => {
    const sim = await createSim();
    const cluster = clusterOf(sim);
    const metadata = { name: 'journal', namespace: 'istio-system' };
    const first = await sim.run(cluster.create<ConfigMap>(ConfigMaps, { metadata, data: { n: '1' } }));
    await sim.run(cluster.replace<ConfigMap>(ConfigMaps, { ...first, data: { n: '2' } }));
    await expect(sim.run(cluster.replace<ConfigMap>(ConfigMaps, { ...first, data: { n: '3' } }))).rejects.toMatchObject(
      {
        reason: 'Conflict',
      },
    );
    await expect(sim.run(cluster.create<ConfigMap>(ConfigMaps, { metadata }))).rejects.toMatchObject({
      reason: 'AlreadyExists',
    });
    await sim.run(cluster.delete(ConfigMaps, metadata));
    expect(sim.store.get(ConfigMaps, 'journal', 'istio-system')).toBeUndefined();
  });

  it('sees an injected pod in a dry run, and may ask what it may do', async () => {
    const sim = await createSim();
    sim.transport.access.deny({ verb: 'delete', resource: 'pods' });
    const cluster = clusterOf(sim);
    const pod: Pod = {
      metadata: { name: 'probe', namespace: 'foo' },
      spec: { containers: [{ name: 'app', image: 'a' }] },
    };
    const seen = await sim.run(cluster.tryCreate(Pods, pod));
    expect(seen).toMatchObject({ stored: { metadata: { annotations: { 'istio.io/rev': '1-30-4' } } } });
    const rights = ['create', 'delete'].map((verb) => ({ verb, group: '', resource: 'pods', namespace: 'foo' }));
    expect(await sim.run(cluster.may(rights))).toEqual([true, false]);
  });

  it('follows a rollout through its mirror without asking again', async () => {
    const sim = await createSim();
    const cluster = clusterOf(sim);
    await sim.run(cluster.follow([{ kind: Deployments }, { kind: Pods, metadataOnly: true }]));
    const lists = cluster.requests['list'];
    await sim.run(
      cluster.patch(
        Deployments,
        { name: 'foo', namespace: 'foo' },
        {
          type: 'strategic-merge',
          fieldManager: 'istio-canary-upgrade',
          body: { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'x' } } } } },
        },
      ),
    );
    const isRolledOut = async () => {
      const foo = (await cluster.list<WorkloadObject>(Deployments)).find(({ metadata }) => metadata.name === 'foo');
      const { observedGeneration, updatedReplicas, availableReplicas, replicas } = foo?.status ?? {};
      return (
        observedGeneration === foo?.metadata.generation &&
        updatedReplicas === 2 &&
        availableReplicas === 2 &&
        replicas === 2
      );
    };
    const rolledOut = (async () => {
      while (!(await isRolledOut())) await cluster.changed(60_000, new AbortController().signal);
    })();
    await sim.run(rolledOut, { limitMs: 30_000 });
    // Old pods may still be on their way out: a Deployment does not count those.
    const staying = sim.pods('foo').filter(({ metadata }) => !metadata.deletionTimestamp);
    expect(staying.map(({ metadata }) => metadata.annotations?.['kubectl.kubernetes.io/restartedAt'])).toEqual([
      'x',
      'x',
    ]);
    expect(cluster.requests['list']).toBe(lists);
    await sim.run(cluster.close());
  });

  it('starts its mirror again after a 410', async () => {
    const sim = await createSim();
    const cluster = clusterOf(sim);
    await sim.run(cluster.follow([{ kind: ConfigMaps }]));
    sim.transport.watches.endAll();
    sim.registry.create(ConfigMaps, { metadata: { name: 'missed', namespace: 'foo' } });
    sim.store.compact();
    const isSeen = async () => (await cluster.list(ConfigMaps)).some(({ metadata }) => metadata.name === 'missed');
    const seen = (async () => {
      while (!(await isSeen())) await cluster.changed(60_000, new AbortController().signal);
    })();
    await sim.run(seen, { limitMs: 300_000 });
    await sim.run(cluster.close());
  });

  it('asks Prometheus through the service proxy', async () => {
    const sim = await createSim();
    await sim.advance(30_000);
    const access = { url: 'kubernetes://monitoring/prometheus:9090', timeoutMs: 10_000 };
    const metrics = createMetrics(access, { clock: sim.clock, env: {}, cluster: clusterOf(sim) });
    expect((await sim.run(metrics.query('count(up)'))).series).toMatchObject([{ value: 14 }]);
    sim.prometheus.faults.down = true;
    await expect(sim.run(metrics.query('count(up)'))).rejects.toMatchObject({ code: 'PROMETHEUS_UNAVAILABLE' });
  });
});
