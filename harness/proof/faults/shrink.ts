import type { Contender } from './contender.ts';
import { type Goldens, type JobResult, runJob } from './job.ts';
import { troublesOf } from './random-run.ts';

/** Leaves out one trouble after the other, as long as the same goes wrong. @returns the places of those that are needed */
export async function shrunk(
  contender: Contender,
  goldens: Goldens,
  seed: number,
  failure: JobResult,
): Promise<readonly number[]> {
  const wanted = new Set(failure.invariants);
  const fails = async (only: readonly number[]) => {
    const { invariants } = await runJob(contender, goldens, { seed, only });
    return invariants.some((each) => wanted.has(each));
  };
  let places = troublesOf(seed).map((_, place) => place);
  for (const place of [...places]) {
    const fewer = places.filter((each) => each !== place);
    if (fewer.length > 0 && (await fails(fewer))) places = fewer;
  }
  return places;
}
