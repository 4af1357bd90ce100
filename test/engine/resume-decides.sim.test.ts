import { describe, expect, it } from 'vitest';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { Deployments, Pods } from '../../src/ports/kinds.ts';
import {
  configOf,
  controlPlanesIn,
  type Ended,
  goUpgrade,
  journalIn,
  New,
  Old,
  podsIn,
  seedPods,
  servingMesh,
  tagAt,
  tagIn,
} from './engine-fixtures.ts';

const seed = 71;

/** An upgrade that has reached the end of its canary, and has ended there. */
async function afterCanary(): Promise<Sim> {
  const sim = await servingMesh({ seed });
  expect((await goUpgrade(sim, { through: 'canary' })).kind).toBe('reached');
  return sim;
}

/** The pods of the new istiod crash from now on. @returns what ends it */
function kill(sim: Sim): () => void {
  const isNew = (name: string) => name.startsWith(`istiod-${New}`);
  const stop = sim.kubelet.addRule({ matches: ({ metadata }) => isNew(metadata.name), stage: 'crash-loop' });
  for (const { metadata } of sim.pods('istio-system'))
    if (isNew(metadata.name)) sim.registry.delete(Pods, { name: metadata.name, namespace: 'istio-system' });
  return stop;
}

const decisions = ({ events }: Ended) => events.flatMap((event) => (event.kind === 'problem' ? [event.decision] : []));

describe(`a run that resumes after the tag has moved (seed ${seed})`, () => {
  it('rolls back when the new istiod is dead', async () => {
    const sim = await afterCanary();
    kill(sim);
    await sim.advance(120_000);
    const run = await goUpgrade(sim, { runId: 'run2' });
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['CONTROL_PLANE_LOST'] });
    expect(tagIn(sim)).toEqual(tagAt(Old));
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('holds by policy when the new istiod is dead, and does not say that nothing was changed', async () => {
    const sim = await afterCanary();
    kill(sim);
    await sim.advance(120_000);
    const run = await goUpgrade(sim, { runId: 'run2', config: configOf({ more: 'on: { failure: hold }' }) });
    expect(run).toMatchObject({ kind: 'held', codes: ['CONTROL_PLANE_LOST'] });
    expect(decisions(run)).toEqual(['hold']);
    expect(journalIn(sim)).toMatchObject({ state: 'held', held: { code: 'CONTROL_PLANE_LOST' } });
    expect(tagIn(sim)).toEqual(tagAt(New));
  });

  it('waits for a new istiod that is briefly away, and completes', async () => {
    const sim = await afterCanary();
    const stop = kill(sim);
    sim.in(10_000, stop);
    const run = await goUpgrade(sim, { runId: 'run2' });
    expect([run.kind, run.codes]).toEqual(['completed', []]);
    expect(controlPlanesIn(sim)).toEqual([`istiod-${New}`]);
  });

  it('needs one ready replica of two of the new istiod', async () => {
    const sim = await afterCanary();
    const first = new Set(sim.pods('istio-system').map(({ metadata }) => metadata.name));
    sim.kubelet.addRule({
      matches: ({ metadata }) => metadata.name.startsWith(`istiod-${New}`) && !first.has(metadata.name),
      stage: 'never-ready',
    });
    const target = { name: `istiod-${New}`, namespace: 'istio-system' };
    sim.registry.patch(Deployments, target, { type: 'merge', body: { spec: { replicas: 2 } } }, { manager: 'kubectl' });
    await sim.advance(60_000);
    const run = await goUpgrade(sim, { runId: 'run2', through: 'rest' });
    expect([run.kind, run.codes]).toEqual(['reached', []]);
  });

  it('holds for a finding that blames a person, and says that the tag points to the new revision', async () => {
    const sim = await afterCanary();
    const run = await goUpgrade(sim, { runId: 'run2', version: '1.30.4' });
    expect(run).toMatchObject({ kind: 'held', codes: ['ISTIOCTL_WRONG_RELEASE'], effects: [] });
    expect(decisions(run)).toEqual([`hold; the tag points to ${New} already`]);
    expect(tagIn(sim)).toEqual(tagAt(New));
  });
});

describe(`a first run (seed ${seed})`, () => {
  it('is blocked by the same finding, and nothing was changed', async () => {
    const sim = await servingMesh({ seed });
    const run = await goUpgrade(sim, { version: '1.30.4' });
    expect(run).toMatchObject({ kind: 'blocked', codes: ['ISTIOCTL_WRONG_RELEASE'] });
    expect(decisions(run)).toEqual(['stop; nothing was changed']);
    expect(journalIn(sim)).toBeUndefined();
  });

  it('goes on while one of two replicas of the old istiod is ready', async () => {
    const sim = await servingMesh({ seed });
    const first = new Set(sim.pods('istio-system').map(({ metadata }) => metadata.name));
    sim.kubelet.addRule({
      matches: ({ metadata }) => metadata.name.startsWith(`istiod-${Old}`) && !first.has(metadata.name),
      stage: 'never-ready',
    });
    const target = { name: `istiod-${Old}`, namespace: 'istio-system' };
    sim.registry.patch(Deployments, target, { type: 'merge', body: { spec: { replicas: 2 } } }, { manager: 'kubectl' });
    await sim.advance(60_000);
    expect((await goUpgrade(sim, { through: 'canary' })).kind).toBe('reached');
  });
});
