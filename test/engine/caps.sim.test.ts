import { describe, expect, it } from 'vitest';
import { simRun } from '../../harness/rehearsal/backends/sim-run.ts';
import type { SeedNamespace } from '../../harness/rehearsal/sim/seed-mesh.ts';
import { check } from '../../src/engine/check.ts';
import type { KubernetesObject } from '../../src/model/kubernetes-object.ts';
import { Pods } from '../../src/ports/kinds.ts';
import { configOf, goUpgrade, New, Old, servingMesh, Watcher } from './engine-fixtures.ts';

const seed = 17;
const follows = { 'istio.io/rev': 'default' };

describe(`the cap on rollouts (seed ${seed})`, () => {
  const many: SeedNamespace[] = [
    { name: 'bar', labels: follows, workloads: [{ name: 'bar', replicas: 2 }] },
    ...['a', 'b', 'c'].map((name) => ({
      name,
      labels: follows,
      workloads: ['one', 'two', 'three', 'four'].map((workload) => ({ name: workload, replicas: 3 })),
    })),
    { name: 'monitoring', workloads: [{ name: 'prometheus', port: 9090 }] },
  ];

  it.for([2])('lets no more than %i workloads roll at a time, in the upgrade and in the rollback', async (cap) => {
    const sim = await servingMesh({ seed, namespaces: many });
    const watcher = new Watcher(sim);
    sim.when(
      () => watcher.restarts.size === 13,
      () => sim.in(30_000, () => sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.4 })),
    );
    const run = await goUpgrade(sim, { config: configOf({ more: `pace: { workloadsAtOnce: ${cap} }` }) });
    expect(run.kind).toBe('rolled-back');
    expect(watcher.inFlightMax).toBe(cap);
    expect(watcher.restarts.size).toBe(13);
    expect(watcher.restartedTwice).toEqual([]);
  });
});

describe(`a namespace outside the mesh (seed ${seed})`, () => {
  it('is not changed: without a label, of another tag, of a revision, opted out', async () => {
    const sim = await servingMesh({
      seed,
      more: [
        { name: 'opted-out', labels: { ...follows, 'istio-injection': 'disabled' }, workloads: [{ name: 'x' }] },
        { name: 'stranger', labels: { 'istio.io/rev': 'another-mesh' }, workloads: [{ name: 'x' }] },
      ],
    });
    await sim.run(sim.istioctlProcess('1.31.0').run(['tag', 'set', 'prod', '--revision', Old], { timeoutMs: 60_000 }));
    sim.addNamespace({ name: 'of-prod', labels: { 'istio.io/rev': 'prod' }, workloads: [{ name: 'x' }] });
    await sim.settle();
    // A namespace with both labels blocks; here the second is only a rest.
    sim.registry.patch(
      { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
      { name: 'opted-out' },
      { type: 'merge', body: { metadata: { labels: { 'istio.io/rev': null } } } },
      { manager: 'kubectl' },
    );
    const names = ['outside', 'stranger', 'of-prod', 'opted-out', 'monitoring', 'kube-system'];
    const stable = (name: string) => [...sim.snapshot(name)].filter(([id]) => id !== 'ConfigMap/istio-ca-root-cert');
    const before = names.map(stable);
    expect((await goUpgrade(sim, { through: 'rest' })).kind).toBe('reached');
    expect(names.map(stable)).toEqual(before);
  });
});

describe(`workloads that a restart does not move (seed ${seed})`, () => {
  it('are listed with the reason and left alone, and hold up only the removal of the old istiod', async () => {
    const sim = await servingMesh({
      seed,
      more: [
        {
          name: 'odd',
          labels: follows,
          workloads: [
            { name: 'paused', spec: { paused: false } },
            { kind: 'StatefulSet', name: 'on-delete', spec: { updateStrategy: { type: 'OnDelete' } } },
            {
              kind: 'StatefulSet',
              name: 'partitioned',
              replicas: 2,
              spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } },
            },
            { kind: 'DaemonSet', name: 'by-hand', spec: { updateStrategy: { type: 'OnDelete' } } },
          ],
        },
      ],
    });
    const bare = {
      metadata: { name: 'bare', namespace: 'odd' },
      spec: { containers: [{ name: 'app', image: 'app:1' }] },
    };
    sim.registry.create(Pods, bare as KubernetesObject, {});
    sim.registry.patch(
      { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true },
      { name: 'paused', namespace: 'odd' },
      { type: 'merge', body: { spec: { paused: true } } },
      { manager: 'kubectl' },
    );
    await sim.settle();
    const { run, cluster } = await sim.run(simRun(sim));
    const { findings } = await sim.run(check(run, configOf()));
    await sim.run(cluster.close());
    const said = (code: string) =>
      findings.filter((finding) => finding.code === code).flatMap(({ objects }) => objects);
    expect(
      said('WORKLOAD_WILL_NOT_MOVE')
        .map((text) => text.slice(0, text.indexOf(':')))
        .sort(),
    ).toEqual([
      'DaemonSet odd/by-hand',
      'Deployment odd/paused',
      'StatefulSet odd/on-delete',
      'StatefulSet odd/partitioned',
    ]);
    expect(said('POD_WITHOUT_WORKLOAD')).toEqual(['odd/bare: no controller would create it again']);

    const watcher = new Watcher(sim);
    expect((await goUpgrade(sim, { through: 'rest' })).kind).toBe('reached');
    expect([...watcher.restarts.keys()].filter((id) => id.includes(' odd/'))).toEqual([]);
    const last = await goUpgrade(sim, { runId: 'run2' });
    expect(last).toMatchObject({ kind: 'held', codes: ['OLD_REVISION_IN_USE'] });
    expect(last.outcome?.problems[0]?.objects).toContain('live pod odd/bare');
  });
});
