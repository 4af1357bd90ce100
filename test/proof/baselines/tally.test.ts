import { describe, expect, it } from 'vitest';
import { invariantTable, trialTable } from '../../../harness/proof/baselines/table.ts';
import { complaintsAbout, tallyOf } from '../../../harness/proof/baselines/tally.ts';
import type { TrialResult } from '../../../harness/proof/baselines/trial.ts';
import type { InvariantId } from '../../../harness/proof/faults/invariants/invariant.ts';

const result = (contender: string, trial: string, broken: readonly InvariantId[] = []): TrialResult => ({
  contender,
  trial,
  seed: 7,
  end: 'completed',
  breaches: broken.map((invariant) => ({ invariant, what: `${invariant} does not hold`, atMs: 1 })),
});

const tallies = (results: readonly TrialResult[]) => ['script', 'ours'].map((name) => tallyOf(name, results));

describe('complaintsAbout', () => {
  it('has nothing to say when a rival breaks five invariants and the product none', () => {
    const results = [result('script', 'killed', ['I1', 'I2', 'I3', 'I4', 'I5']), result('ours', 'killed')];
    expect(complaintsAbout(tallies(results), 'ours')).toEqual([]);
  });

  it('takes a harness in which a rival breaks only four for blind, however often it breaks them', () => {
    const broken: InvariantId[] = ['I1', 'I2', 'I3', 'I4'];
    const results = [result('script', 'killed', broken), result('script', 'random', broken), result('ours', 'killed')];
    expect(complaintsAbout(tallies(results), 'ours')).toEqual([
      'script breaks only 4 invariants: this harness does not see enough',
    ]);
  });

  it('names the first run in which the product breaks something', () => {
    const rival = result('script', 'killed', ['I1', 'I2', 'I3', 'I4', 'I5']);
    const results = [rival, result('ours', 'undisturbed'), result('ours', 'killed', ['I6', 'I6'])];
    expect(complaintsAbout(tallies(results), 'ours')).toEqual(['ours breaks I6 in killed: I6 does not hold']);
  });

  it('does not take a contender that never ran for a good one', () => {
    const rival = result('script', 'killed', ['I1', 'I2', 'I3', 'I4', 'I5']);
    expect(complaintsAbout(tallies([rival]), 'ours')).toEqual(['ours has not run at all']);
  });
});

describe('the tables', () => {
  const results = [result('script', 'killed', ['I10', 'I6', 'I6']), result('ours', 'killed')];

  it('say of each invariant in how many runs it was broken, and where to see it', () => {
    const [head, ...rows] = invariantTable(tallies(results));
    expect(head).toMatch(/script, 1 runs +ours, 1 runs/);
    expect(rows.find((row) => row.startsWith('I6 '))).toMatch(/broken in 1: killed 7 +kept$/);
    expect(rows.at(-1)).toMatch(/2 of 10 +0 of 10$/);
  });

  it('say of each trial how it ended', () => {
    expect(trialTable(['script', 'ours'], results)[1]).toMatch(/^killed +completed I6 I10 +completed$/);
  });
});
