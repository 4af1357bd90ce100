import { describe, expect, it } from 'vitest';
import type { SeedNamespace } from '../../harness/rehearsal/sim/seed-mesh.ts';
import { configOf, goUpgrade, New, servingMesh, Watcher } from './engine-fixtures.ts';

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

  it.for([1, 5])('lets no more than %i workloads roll at a time, in the upgrade and in the rollback', async (cap) => {
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
