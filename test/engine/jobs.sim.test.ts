import { describe, expect, it } from 'vitest';
import { simRun } from '../../harness/rehearsal/backends/sim-run.ts';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { check } from '../../src/engine/check.ts';
import { Pods } from '../../src/ports/kinds.ts';
import type { Pod } from '../../src/ports/objects.ts';
import { configOf, goUpgrade, New, podsIn, servingMesh, Watcher } from './engine-fixtures.ts';

const seed = 33;

/** The pod of a Job in a namespace of the canary. */
function addJobPod(sim: Sim, job: string): void {
  const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name: job, uid: `uid-${job}`, controller: true }];
  const pod = {
    metadata: { name: `${job}-x7k2p`, namespace: 'bar', labels: { 'job-name': job }, ownerReferences },
    spec: { containers: [{ name: 'work', image: 'work:1' }] },
  };
  sim.registry.create(Pods, pod as Pod, {});
}

const finish = (sim: Sim, job: string) => {
  const target = { name: `${job}-x7k2p`, namespace: 'bar' };
  const body = { status: { phase: 'Succeeded' } };
  sim.registry.patch(Pods, target, { type: 'merge', body }, { subresource: 'status' });
};

describe(`pods that no restart reaches (seed ${seed})`, () => {
  it('of a Job are reported before any write, delay no wave, and keep the old istiod until they end', async () => {
    const sim = await servingMesh({ seed });
    addJobPod(sim, 'nightly-29012345');
    await sim.settle();
    const { run, cluster } = await sim.run(simRun(sim));
    const { findings } = await sim.run(check(run, configOf()));
    await sim.run(cluster.close());
    expect(findings.find(({ code }) => code === 'POD_WITHOUT_WORKLOAD')).toMatchObject({
      severity: 'warns',
      objects: ['bar/nightly-29012345-x7k2p: it belongs to Job bar/nightly-29012345, which this tool does not restart'],
    });
    const held = await goUpgrade(sim);
    expect([held.kind, held.codes]).toEqual(['held', ['OLD_REVISION_IN_USE']]);
    expect(held.outcome?.problems[0]?.objects).toContain('live pod bar/nightly-29012345-x7k2p');
    expect(podsIn(sim)['foo']).toEqual({ [New]: 2 });
    finish(sim, 'nightly-29012345');
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
  });

  it('of a finished Job do not keep the old istiod', async () => {
    const sim = await servingMesh({ seed });
    addJobPod(sim, 'done');
    await sim.settle();
    finish(sim, 'done');
    expect((await goUpgrade(sim)).kind).toBe('completed');
  });

  it('of a workload that declines the sidecar are not restarted', async () => {
    const template = { metadata: { labels: { app: 'plain', 'sidecar.istio.io/inject': 'false' } } };
    const more = { name: 'mixed', labels: { 'istio.io/rev': 'default' }, workloads: [{ name: 'plain', template }] };
    const sim = await servingMesh({ seed, more: [more] });
    const watcher = new Watcher(sim);
    expect((await goUpgrade(sim)).kind).toBe('completed');
    expect([...watcher.restarts.keys()].filter((id) => id.includes(' mixed/'))).toEqual([]);
  });
});
