import { type Arena, type AttemptEnd, openArena } from '../faults/arena.ts';
import type { Claim, Contender } from '../faults/contender.ts';
import type { Breach } from '../faults/referee.ts';
import { smallTask } from '../faults/task.ts';

/** One thing that goes wrong on a known day, for every contender alike. */
export interface Trial {
  name: string;
  title: string;
  /** Before the first attempt. What it sets going ends by itself, or never. */
  prepare?(arena: Arena): void;
  /** Instead of one attempt after the other until one reaches an end. */
  play?(arena: Arena, contender: Contender): Promise<AttemptEnd>;
}

/** Of a trial, or of a seed that draws its own troubles. */
export interface TrialResult {
  contender: string;
  trial: string;
  seed: number;
  end: Claim['end'] | 'killed' | 'endless';
  breaches: readonly Breach[];
}

/** Who does not get there gives up in the end, as a person would. */
const attemptsMax = 4;

export async function runTrial(
  contender: Contender,
  trial: Trial,
  { seed, tell }: { seed: number; tell?: (text: string) => void },
): Promise<TrialResult> {
  const arena = await openArena({ seed, task: smallTask, ...(tell === undefined ? {} : { tell }) });
  trial.prepare?.(arena);
  const play = trial.play ?? untilDone;
  const end = await play(arena, contender);
  await arena.sim.advance(20_000);
  const { breaches } = arena;
  return {
    contender: contender.name,
    trial: trial.name,
    seed,
    end: typeof end === 'string' ? end : end.end,
    breaches,
  };
}

export const untilDone = (arena: Arena, contender: Contender): Promise<AttemptEnd> =>
  arena.untilDone(contender, attemptsMax);
