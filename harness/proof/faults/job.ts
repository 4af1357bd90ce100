import type { Claim, Contender } from './contender.ts';
import type { SeedResult } from './random-run.ts';
import { type Ends, runSeed } from './random-run.ts';
import { type Golden, runCase, type SweepCase } from './sweep.ts';

/** One run of the harness, as plain data, so that it can be handed to a worker. */
export type Job = { seed: number; only?: readonly number[] } | { case: SweepCase };

export interface JobResult {
  job: Job;
  /** By what it is counted in the table. */
  kinds: readonly string[];
  end: Claim['end'] | 'killed' | 'endless' | 'thrown';
  /** Empty when every invariant was kept and the run converged. */
  wrong: readonly string[];
  invariants: readonly string[];
  /** What went wrong in the world, for the reader of a failure. */
  troubles: readonly string[];
}

export interface Goldens {
  good: Golden;
  bad: Golden;
}

/** @param tell is given every line of the story */
export async function runJob(
  contender: Contender,
  goldens: Goldens,
  job: Job,
  tell?: (text: string) => void,
): Promise<JobResult> {
  try {
    return 'seed' in job
      ? await seedJob(contender, goldens, job, tell)
      : await caseJob(contender, goldens, job.case, job, tell);
  } catch (failure) {
    const text = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
    return {
      job,
      kinds: ['seed' in job ? 'F?' : job.case.fault],
      end: 'thrown',
      wrong: [text],
      invariants: ['thrown'],
      troubles: [],
    };
  }
}

async function seedJob(
  contender: Contender,
  goldens: Goldens,
  job: Extract<Job, { seed: number }>,
  tell: ((text: string) => void) | undefined,
): Promise<JobResult> {
  const ends: Ends = { completed: goldens.good.end, 'rolled-back': goldens.bad.end };
  const { only, seed } = job;
  const options = { seed, ...(only === undefined ? {} : { only }), ...(tell === undefined ? {} : { tell }) };
  const { troubles, end, breaches, differences }: SeedResult = await runSeed(contender, ends, options);
  return {
    job,
    kinds: troubles.map(({ kind }) => kind),
    end,
    wrong: [
      ...breaches.map(({ invariant, what }) => `${invariant}: ${what}`),
      ...differences.map((each) => `END: ${each}`),
    ],
    invariants: [...breaches.map(({ invariant }) => invariant), ...(differences.length > 0 ? ['END'] : [])],
    troubles: troubles.map(({ kind, what, atMs, forMs }) => `${kind} ${what}, at ${atMs} ms for ${forMs} ms`),
  };
}

async function caseJob(
  contender: Contender,
  goldens: Goldens,
  sweepCase: SweepCase,
  job: Job,
  tell: ((text: string) => void) | undefined,
): Promise<JobResult> {
  const wrong = await runCase(contender, sweepCase, goldens[sweepCase.release], tell);
  return {
    job,
    kinds: [sweepCase.fault],
    end: wrong.length > 0 ? 'unfinished' : sweepCase.release === 'good' ? 'completed' : 'rolled-back',
    wrong,
    invariants: wrong.map((each) => each.split(':')[0] ?? each),
    troubles: [`${sweepCase.fault} at step ${sweepCase.step.number}, ${sweepCase.step.what}`],
  };
}
