import { describe, expect, it } from 'vitest';
import { ownedObjects } from '../../harness/rehearsal/sim/istio/prune.ts';
import { endState, goUpgrade, New, Old, servingMesh, tagAt, tagIn } from './engine-fixtures.ts';

const seed = 15;

describe(`an uninstall that was interrupted (seed ${seed})`, () => {
  it('is finished by the next run, however many objects it had removed', async () => {
    const golden = await servingMesh({ seed });
    await goUpgrade(golden);
    const wanted = endState(golden);
    const total = ownedObjects((await servingMesh({ seed })).registry, Old).length;
    expect(total).toBeGreaterThan(8);
    for (let removed = 1; removed < total; removed++) {
      const sim = await servingMesh({ seed });
      // istioctl dies in the middle of its work.
      let isDead = false;
      sim.interceptIstioctl = (args) => {
        if (isDead || args[0] !== 'uninstall' || args.includes('--dry-run')) return undefined;
        isDead = true;
        for (const { kind, object } of ownedObjects(sim.registry, Old).slice(0, removed))
          sim.registry.delete(kind, object.metadata);
        return 'hang-before';
      };
      expect((await goUpgrade(sim)).kind, `after ${removed} removals`).toBe('held');
      await sim.advance(30 * 60_000);
      expect(await goUpgrade(sim, { runId: 'run2' }), `after ${removed} removals`).toMatchObject({
        kind: 'completed',
        codes: [],
      });
      expect(endState(sim)).toEqual(wanted);
      expect(tagIn(sim)).toEqual(tagAt(New));
    }
  });
});
