import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sim } from '../../harness/sim/create-sim.ts';
import {
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
  Watcher,
} from './engine-fixtures.ts';

const seed = Number(process.env['SEED'] ?? 21);

interface Troubles {
  meshSeed: number;
  /** SIGKILL in this write of the first run. */
  killInWrite: number;
  /** SIGINT of the second run after so many milliseconds. */
  interruptAfterMs: number;
  /** The share of requests that fail, and how: in hundredths. */
  unansweredPercent: number;
  istioctl: readonly ('fail-before' | 'fail-after' | 'hang-before' | 'hang-after' | 'none')[];
  prometheusDownAfterMs: number;
  watchesEndEveryMs: number;
  badRelease: boolean;
}

const troubles: fc.Arbitrary<Troubles> = fc.record({
  meshSeed: fc.integer({ min: 1, max: 1_000 }),
  killInWrite: fc.integer({ min: 1, max: 40 }),
  interruptAfterMs: fc.integer({ min: 1, max: 300_000 }),
  unansweredPercent: fc.integer({ min: 0, max: 4 }),
  istioctl: fc.array(fc.constantFrom('none', 'none', 'fail-before', 'fail-after', 'hang-before', 'hang-after'), {
    maxLength: 6,
  }),
  prometheusDownAfterMs: fc.integer({ min: 0, max: 600_000 }),
  watchesEndEveryMs: fc.integer({ min: 500, max: 60_000 }),
  badRelease: fc.boolean(),
});

/** Faults until the returned function is called. */
function disturb(
  sim: Sim,
  { unansweredPercent, istioctl, prometheusDownAfterMs, watchesEndEveryMs }: Troubles,
): () => void {
  let isOn = true;
  let requests = 0;
  const faults = [...istioctl];
  sim.transport.interceptors.push(() => {
    requests += 1;
    if (!isOn || unansweredPercent === 0 || requests % Math.round(100 / unansweredPercent) !== 0) return undefined;
    return (['timeout-after-commit', 'timeout-before-commit', 'refused'] as const)[requests % 3];
  });
  sim.interceptIstioctl = (args) => {
    if (!isOn || !/^(install|uninstall|tag set)/.test(args.join(' ')) || args.includes('--dry-run')) return undefined;
    const fault = faults.shift();
    return fault === 'none' ? undefined : fault;
  };
  sim.in(prometheusDownAfterMs, () => {
    if (!isOn) return;
    sim.prometheus.faults.down = true;
    sim.in(90_000, () => {
      sim.prometheus.faults.down = false;
    });
  });
  const endWatches = () => {
    if (!isOn) return;
    sim.transport.watches.endAll();
    sim.in(watchesEndEveryMs, endWatches);
  };
  sim.in(watchesEndEveryMs, endWatches);
  return () => {
    isOn = false;
    sim.prometheus.faults.down = false;
  };
}

describe(`faults first, then none (SEED=${seed})`, () => {
  it('always ends where a good release ends, or with everything taken back, and breaks no invariant on its way', async () => {
    const converges = fc.asyncProperty(troubles, async (what) => {
      const sim = await servingMesh({ seed: what.meshSeed });
      const watcher = new Watcher(sim);
      if (what.badRelease) sim.traffic.setErrorRatio({ revision: New, ratio: 0.3 });
      const outside = JSON.stringify([...sim.snapshot('outside')].filter(([name]) => !name.startsWith('ConfigMap/')));
      const calm = disturb(sim, what);
      const ended: Ended[] = [
        await goUpgrade(sim, { runId: 'run1', killInWrite: what.killInWrite }),
        await goUpgrade(sim, { runId: 'run2', interruptAfterMs: what.interruptAfterMs }),
      ];
      calm();
      await sim.advance(60_000);
      for (let run = 3; run < 7; run++) {
        if (['completed', 'rolled-back'].includes(journalIn(sim)?.state ?? '')) break;
        ended.push(await goUpgrade(sim, { runId: `run${run}` }));
      }
      await sim.advance(10_000);
      const story = ended.map(({ kind, codes }) => [kind, ...codes].join(' '));
      const revision = what.badRelease ? Old : New;
      expect([journalIn(sim)?.state, ...story]).toEqual([what.badRelease ? 'rolled-back' : 'completed', ...story]);
      expect(tagIn(sim)).toEqual(tagAt(revision));
      expect(podsIn(sim)).toEqual(seedPods(revision));
      expect(controlPlanesIn(sim)).toEqual(what.badRelease ? [`istiod-${Old}`, `istiod-${New}`] : [`istiod-${New}`]);
      expect(watcher.restartedTwice).toEqual([]);
      expect(watcher.blackouts).toEqual([]);
      expect(JSON.stringify([...sim.snapshot('outside')].filter(([name]) => !name.startsWith('ConfigMap/')))).toBe(
        outside,
      );
    });
    await fc.assert(converges, { seed, numRuns: Number(process.env['RUNS'] ?? 20) });
  }, 600_000);
});
