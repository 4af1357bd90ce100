import { openArena } from '../faults/arena.ts';
import type { Contender } from '../faults/contender.ts';
import { endState } from '../faults/end-state.ts';
import { ours } from '../faults/ours.ts';
import { type Ends, runSeed } from '../faults/random-run.ts';
import { smallTask } from '../faults/task.ts';
import type { TrialResult } from './trial.ts';

/** The name under which the fourteen kinds of faults are drawn from the seed. */
export const randomTrial = 'random';

/**
 * The same troubles for every contender that is given the seed. What others do to the mesh after its last attempt has ended
 * is not its doing.
 */
export async function runRandom(
  contender: Contender,
  ends: Ends,
  { seed, tell }: { seed: number; tell?: (text: string) => void },
): Promise<TrialResult> {
  let begunAt: number | undefined;
  let endedAt = Number.POSITIVE_INFINITY;
  const timed: Contender = {
    name: contender.name,
    start: async (sim, options) => {
      begunAt ??= sim.clock.now();
      endedAt = Number.POSITIVE_INFINITY;
      const attempt = await contender.start(sim, options);
      const done = attempt.done.then((claim) => {
        endedAt = sim.clock.now();
        return claim;
      });
      return { ...attempt, done };
    },
  };
  const { end, breaches } = await runSeed(timed, ends, { seed, ...(tell === undefined ? {} : { tell }) });
  const ofItsTime = breaches.filter(({ atMs }) => atMs <= endedAt - (begunAt ?? 0));
  return { contender: contender.name, trial: randomTrial, seed, end, breaches: ofItsTime };
}

/** What the end of a random run is compared with. Only the broken invariants count here: no script converges to it. */
export async function undisturbedEnds(): Promise<Ends> {
  return { completed: await endOf(false), 'rolled-back': await endOf(true) };
}

async function endOf(isBad: boolean) {
  const arena = await openArena({ seed: 1, task: smallTask });
  if (isBad) {
    arena.referee.weather.badRelease = true;
    arena.sim.traffic.setErrorRatio({ revision: smallTask.to.revision, ratio: 0.3 });
  }
  await arena.attempt(ours);
  return endState(arena.sim);
}
