import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  endState,
  goUpgrade,
  journalIn,
  New,
  Old,
  podsIn,
  seedPods,
  servingMesh,
  tagAt,
  tagIn,
  Watcher,
} from './engine-fixtures.ts';

const seed = Number(process.env['SEED'] ?? 18);

describe(`SIGINT (SEED=${seed})`, () => {
  it('at any moment starts nothing afterwards, and the next run ends as an undisturbed one', async () => {
    const quiet = await servingMesh({ seed });
    await goUpgrade(quiet);
    const wanted = endState(quiet);
    const interrupted = fc.asyncProperty(
      fc.oneof(fc.integer({ min: 1, max: 9_000 }), fc.integer({ min: 1, max: 480_000 })),
      async (afterMs) => {
        const sim = await servingMesh({ seed });
        const watcher = new Watcher(sim);
        const at = sim.clock.now() + afterMs;
        const first = await goUpgrade(sim, { interruptAfterMs: afterMs });
        expect(['interrupted', 'completed']).toContain(first.kind);
        if (first.kind === 'interrupted') {
          const late = first.events.filter(({ kind, at: when }) => kind === 'effect-started' && when > at);
          expect(late).toEqual([]);
          const begun = first.events.filter(({ kind }) => kind === 'effect-started').length;
          const settled = first.events.filter(({ kind }) => kind === 'effect-done' || kind === 'effect-failed').length;
          expect(settled).toBe(begun);
          expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
        }
        expect(endState(sim)).toEqual(wanted);
        expect(watcher.restartedTwice).toEqual([]);
        expect(watcher.blackouts).toEqual([]);
      },
    );
    await fc.assert(interrupted, { seed, numRuns: 25 });
  });

  it('at any moment of a rollback lets the next run complete it', async () => {
    const interrupted = fc.asyncProperty(fc.integer({ min: 0, max: 6_000 }), async (afterMs) => {
      const sim = await servingMesh({ seed });
      sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.3 });
      let interrupt = false;
      sim.when(
        () => journalIn(sim)?.state === 'rolling-back',
        () =>
          sim.in(afterMs, () => {
            interrupt = true;
          }),
      );
      const first = await goUpgrade(sim, { disturb: { how: 'interrupt', at: () => interrupt } });
      expect(['interrupted', 'rolled-back']).toContain(first.kind);
      if (first.kind === 'interrupted') expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('rolled-back');
      expect(podsIn(sim)).toEqual(seedPods(Old));
      expect(tagIn(sim)).toEqual(tagAt(Old));
    });
    await fc.assert(interrupted, { seed, numRuns: 12 });
  });
});
