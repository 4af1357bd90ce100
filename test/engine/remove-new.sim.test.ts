import { describe, expect, it } from 'vitest';
import { ownedObjects } from '../../harness/rehearsal/sim/istio/prune.ts';
import { removeNew } from '../../src/engine/roll-back.ts';
import {
  controlPlanesIn,
  go,
  goUpgrade,
  label,
  New,
  Old,
  podsIn,
  seedPods,
  servingMesh,
  tagAt,
  tagIn,
} from './engine-fixtures.ts';

const seed = 22;
const takenBack = async () => {
  const sim = await servingMesh({ seed });
  sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.3 });
  expect((await goUpgrade(sim)).kind).toBe('rolled-back');
  return sim;
};

describe(`rollback --remove-new (seed ${seed})`, () => {
  it('removes the revision that was rolled back, and a later upgrade installs it again', async () => {
    const sim = await takenBack();
    expect((await go(sim, (run) => removeNew(run), { runId: 'run2' })).kind).toBe('completed');
    expect(controlPlanesIn(sim)).toEqual([`istiod-${Old}`]);
    expect(tagIn(sim)).toEqual(tagAt(Old));
    expect(podsIn(sim)).toEqual(seedPods(Old));
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0 });
    await sim.advance(60_000);
    expect((await goUpgrade(sim, { runId: 'run3' })).kind).toBe('completed');
  });

  it('keeps the revision while something uses it', async () => {
    const sim = await takenBack();
    label(sim, 'outside', { 'istio.io/rev': New });
    const run = await go(sim, (it) => removeNew(it), { runId: 'run2' });
    expect(run).toMatchObject({ kind: 'held', codes: ['OLD_REVISION_IN_USE'] });
    expect(controlPlanesIn(sim)).toContain(`istiod-${New}`);
  });

  it('is refused while an upgrade is under way', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, { through: 'canary' });
    expect(await go(sim, (it) => removeNew(it))).toMatchObject({ kind: 'thrown', codes: ['NOTHING_TO_REMOVE'] });
  });

  it('is finished by the next run, however much an interrupted removal had taken', async () => {
    const total = ownedObjects((await takenBack()).registry, New).length;
    for (const removed of [1, 2, total - 2, total - 1]) {
      const sim = await takenBack();
      let isDead = false;
      sim.interceptIstioctl = (args) => {
        if (isDead || args[0] !== 'uninstall' || args.includes('--dry-run')) return undefined;
        isDead = true;
        for (const { kind, object } of ownedObjects(sim.registry, New).slice(0, removed))
          sim.registry.delete(kind, object.metadata);
        return 'hang-before';
      };
      expect((await go(sim, (run) => removeNew(run), { runId: 'run2' })).kind).toBe('held');
      await sim.advance(10 * 60_000);
      expect(await go(sim, (run) => removeNew(run), { runId: 'run3' })).toMatchObject({ kind: 'completed', codes: [] });
      expect(ownedObjects(sim.registry, New)).toEqual([]);
      expect(controlPlanesIn(sim)).toEqual([`istiod-${Old}`]);
      expect(tagIn(sim)).toEqual(tagAt(Old));
    }
  });
});
