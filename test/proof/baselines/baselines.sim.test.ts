import { describe, expect, it } from 'vitest';
import { readLater } from '../../../harness/proof/baselines/read-later.ts';
import { rivals } from '../../../harness/proof/baselines/rivals.ts';
import { brokenByRivalsMin, complaintsAbout, tallyOf } from '../../../harness/proof/baselines/tally.ts';
import { runTrial, type TrialResult } from '../../../harness/proof/baselines/trial.ts';
import { trials } from '../../../harness/proof/baselines/trials.ts';
import type { Contender } from '../../../harness/proof/faults/contender.ts';
import { ours } from '../../../harness/proof/faults/ours.ts';

/** Of all trials those in which the rivals show the most. `npm run baselines` has the others and random ones. */
const chosen = ['bad-release-and-scale-up', 'killed', 'no-samples', 'second-run', 'gitops-reverts-tag'];
const seed = 1;

async function play(contender: Contender, names: readonly string[] = chosen): Promise<TrialResult[]> {
  const results: TrialResult[] = [];
  for (const trial of trials.filter(({ name }) => names.includes(name)))
    results.push(await runTrial(contender, trial, { seed }));
  expect(results).toHaveLength(names.length);
  return results;
}

describe('under the same troubles', () => {
  it.for(rivals)(`the $name script breaks at least ${brokenByRivalsMin} invariants`, async (rival) => {
    const tally = tallyOf(rival.name, await play(readLater(rival)));
    expect(complaintsAbout([tally], ours.name)).toEqual([]);
    expect(tally.broken.size).toBeGreaterThanOrEqual(brokenByRivalsMin);
  });

  it('the product breaks none', async () => {
    expect(complaintsAbout([tallyOf(ours.name, await play(ours, [...chosen, 'uninjected-pod']))], ours.name)).toEqual(
      [],
    );
  });
});

describe('a pod without a sidecar in the list', () => {
  it('makes the aks-style script skip the old pods behind it, and exit with 0', async () => {
    const [aksStyle] = rivals.filter(({ name }) => name === 'aks-style');
    const [trial] = trials.filter(({ name }) => name === 'uninjected-pod');
    if (aksStyle === undefined || trial === undefined) throw new Error('there is no such script or trial');
    const { end, breaches } = await runTrial(readLater(aksStyle), trial, { seed });
    expect(end).toBe('completed');
    expect(breaches.filter(({ invariant }) => invariant === 'I8').map(({ what }) => what)).toContainEqual(
      expect.stringMatching(/exit code 0 is said, but there are pods by revision .*"1-30-4":2/),
    );
  });
});
