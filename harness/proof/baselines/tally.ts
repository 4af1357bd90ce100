import { invariants } from '../faults/invariants/index.ts';
import type { InvariantId } from '../faults/invariants/invariant.ts';
import type { TrialResult } from './trial.ts';

/** A rival that breaks fewer has been looked at with a blind harness. */
export const brokenByRivalsMin = 5;

export interface Broken {
  /** In how many runs. */
  runs: number;
  /** The first of them. */
  example: { trial: string; seed: number; what: string };
}

export interface Tally {
  contender: string;
  runs: number;
  broken: ReadonlyMap<InvariantId, Broken>;
}

export function tallyOf(contender: string, results: readonly TrialResult[]): Tally {
  const own = results.filter((result) => result.contender === contender);
  const broken = new Map<InvariantId, Broken>();
  for (const { id } of invariants) {
    const found = own.flatMap(({ breaches, trial, seed }) =>
      breaches
        .filter(({ invariant }) => invariant === id)
        .slice(0, 1)
        .map(({ what }) => ({ trial, seed, what })),
    );
    const [example] = found;
    if (example !== undefined) broken.set(id, { runs: found.length, example });
  }
  return { contender, runs: own.length, broken };
}

/** @returns what is wrong with the product, or with the harness; nothing when all is as it should be */
export function complaintsAbout(tallies: readonly Tally[], product: string): readonly string[] {
  return tallies.flatMap(({ contender, runs, broken }) => {
    if (runs === 0) return [`${contender} has not run at all`];
    if (contender === product)
      return [...broken].map(([id, { example }]) => `${contender} breaks ${id} in ${example.trial}: ${example.what}`);
    return broken.size >= brokenByRivalsMin
      ? []
      : [`${contender} breaks only ${broken.size} invariants: this harness does not see enough`];
  });
}
