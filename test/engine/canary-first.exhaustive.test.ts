import { describe, expect, it } from 'vitest';
import { Namespaces } from '../../src/ports/kinds.ts';
import { configOf, endState, goBack, goUpgrade, New, Old, podsIn, seedPods, servingMesh } from './engine-fixtures.ts';

const seed = 83;
const config = configOf({ more: 'strategy: canary-first' });
const canaryIsReady = { through: 'canary', config } as const;

const labelsOf = (sim: Awaited<ReturnType<typeof servingMesh>>) => {
  const { 'istio.io/rev': revision, 'istio-injection': injection } =
    sim.store.get(Namespaces, 'bar')?.metadata.labels ?? {};
  return { revision, injection };
};
const byTag = { revision: 'default', injection: undefined };

const bad = async () => {
  const sim = await servingMesh({ seed });
  sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.3 });
  return sim;
};

/** Of numbers from 1 to `last` those of one share, so that no single test takes long. */
const shareOf = (last: number, share: number): readonly number[] =>
  Array.from({ length: last }, (_, index) => index + 1).filter((each) => each % shares.length === share);
const shares = [0, 1, 2, 3, 4, 5];

describe(`an upgrade with strategy canary-first that is killed (seed ${seed})`, () => {
  it.for(shares)(
    'in any write up to the verdict on the canary ends as an undisturbed one (share %i of 6)',
    async (share) => {
      const quiet = await servingMesh({ seed });
      const { writes } = await goUpgrade(quiet, canaryIsReady);
      expect(writes).toBeGreaterThan(8);
      await goUpgrade(quiet, { config, runId: 'run2' });
      for (const killInWrite of shareOf(writes, share)) {
        const sim = await servingMesh({ seed });
        expect((await goUpgrade(sim, { config, killInWrite })).kind).toBe('killed');
        expect((await goUpgrade(sim, { config, runId: 'run2' })).kind).toBe('completed');
        expect(endState(sim)).toEqual(endState(quiet));
        expect(labelsOf(sim)).toEqual(byTag);
      }
    },
  );

  it.for(shares)('in any write of a run whose canary fails is rolled back (share %i of 6)', async (share) => {
    const { writes, kind } = await goUpgrade(await bad(), { config });
    expect(kind).toBe('rolled-back');
    for (const killInWrite of shareOf(writes, share)) {
      const sim = await bad();
      expect((await goUpgrade(sim, { config, killInWrite })).kind).toBe('killed');
      // Killed in its last write, it is over.
      expect(['rolled-back', 'thrown']).toContain((await goBack(sim, { runId: 'run2' })).kind);
      expect(podsIn(sim)).toEqual(seedPods(Old));
      expect(labelsOf(sim)).toEqual(byTag);
    }
  });
});
