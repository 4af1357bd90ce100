import { beforeAll, describe, expect, it } from 'vitest';
import { type Goldens, type Job, runJob } from '../../../harness/proof/faults/job.ts';
import { ours } from '../../../harness/proof/faults/ours.ts';
import { troublesOf } from '../../../harness/proof/faults/random-run.ts';
import { shrunk } from '../../../harness/proof/faults/shrink.ts';
import { casesOf, goldenRun } from '../../../harness/proof/faults/sweep.ts';
import { draws } from '../../../harness/proof/faults/troubles/index.ts';

const from = Number(process.env['SEED'] ?? 1);
const some = 2;

let goldens: Goldens;
beforeAll(async () => {
  goldens = { good: await goldenRun(ours, 'good'), bad: await goldenRun(ours, 'bad') };
});

/** `npm run faults` runs thousands of these; what is here keeps it working. */
describe(`faults first, then none (SEED=${from})`, () => {
  it.for(Array.from({ length: some }, (_, index) => from + index))(
    'keeps every invariant and converges with the troubles of seed %d',
    async (seed) => {
      const { wrong, troubles } = await runJob(ours, goldens, { seed });
      expect({ troubles, wrong }).toEqual({ troubles, wrong: [] });
    },
  );

  it('draws every kind of trouble, and the same ones from the same seed', () => {
    const kinds = new Set(Array.from({ length: 100 }, (_, seed) => troublesOf(seed).map(({ kind }) => kind)).flat());
    expect([...kinds].sort()).toEqual(Object.keys(draws).sort());
    expect(JSON.stringify(troublesOf(from))).toBe(JSON.stringify(troublesOf(from)));
  });

  it('gives the same run for the same seed, event by event', async () => {
    const tellings = [[], []] as [string[], string[]];
    for (const told of tellings) await runJob(ours, goldens, { seed: from + 3 }, (text) => told.push(text));
    expect(tellings[0].length).toBeGreaterThan(20);
    expect(tellings[0]).toEqual(tellings[1]);
  });
});

describe('the sweep', () => {
  it('knows every step that changes something, and has faults for each', () => {
    const { steps } = goldens.good;
    expect(steps.filter(({ by }) => by === 'istioctl').map(({ what }) => what.split(' ')[1])).toEqual([
      'install',
      'tag',
      'uninstall',
    ]);
    expect(steps.filter(({ what }) => what.startsWith('PATCH'))).toHaveLength(6);
    expect(casesOf(goldens.good).length).toBeGreaterThan(300);
    expect(casesOf(goldens.bad).length).toBeGreaterThan(200);
  });

  it.for([
    { fault: 'crash after', what: 'PATCH' },
    { fault: 'crash during', what: 'istioctl tag set' },
    { fault: 'lost lease', what: 'PATCH' },
    { fault: 'stale lists', what: 'istioctl uninstall' },
    // The news of pods that ended are lost without a word.
    { fault: 'watch events dropped', what: 'PUT', number: 6 },
  ])('converges to the undisturbed end after: $fault at $what', async ({ fault, what, number }) => {
    const found = casesOf(goldens.good).find(
      ({ fault: each, step }) =>
        each === fault && step.what.startsWith(what) && (number === undefined || step.number === number),
    );
    const job: Job = {
      case: found ?? { release: 'good', step: { number: 0, what: 'no such step', by: 'api' }, fault },
    };
    expect(await runJob(ours, goldens, job)).toMatchObject({ wrong: [], end: 'completed' });
  });
});

describe('a failure', () => {
  it('is shrunk to the troubles that it needs', async () => {
    const seed = Array.from({ length: 100 }, (_, index) => index).find((each) => {
      const troubles = troublesOf(each);
      return troubles.length === 2 && troubles.some(({ release }) => release === 'must go back');
    });
    if (seed === undefined) throw new Error('no seed draws a bad release and one more trouble');
    // Judged as if going back were wrong: only the bad release brings that about.
    const failure = {
      job: { seed },
      kinds: [],
      end: 'completed',
      wrong: [],
      invariants: ['END'],
      troubles: [],
    } as const;
    const misled: Goldens = { ...goldens, bad: goldens.good };
    const places = await shrunk(ours, misled, seed, failure);
    expect(places.map((place) => troublesOf(seed)[place]?.kind)).toEqual(['F10']);
  });
});
