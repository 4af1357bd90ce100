import { describeEffect, isNote } from '../effects/effects.ts';
import type { Clock } from '../model/clock.ts';
import type { Effect } from '../model/effect.ts';
import { type Problem, problemOf } from '../model/finding.ts';
import { workloadId } from '../workloads/workloads.ts';
import { EffectWithoutResult } from './engine-errors.ts';

/** A change shows in the mirror within this time; until then the same effect is not started again. */
const effectShowsWithinMs = 10_000;
const attemptsMax = 2;

/** An effect that cannot be made, and why. */
export interface Failure {
  effect: Effect;
  problem: Problem;
}

/** The workload that an effect restarts, as a waiver names it. */
export const restarted = (effect: Effect): string | undefined =>
  effect.kind === 'restart-workload'
    ? workloadId(effect.workload.kind, effect.workload.namespace, effect.workload.name)
    : undefined;

/** Keeps an effect whose result is not seen yet from being started again, and gives up on one that never shows. */
export class Attempts {
  readonly #clock: Clock;
  readonly #begun = new Map<string, { times: number; at: number; hasShown: boolean }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether anything but a note was begun. */
  get any(): boolean {
    return this.#begun.size > 0;
  }

  due(effects: readonly Effect[]): readonly Effect[] {
    const now = this.#clock.now();
    return effects.filter((effect) => {
      // Notes are seen at once, since we write them ourselves, and may be written again.
      if (isNote(effect)) return true;
      const before = this.#begun.get(describeEffect(effect));
      if (before === undefined) return true;
      return now - before.at >= effectShowsWithinMs;
    });
  }

  /** What was begun and is wanted no more has shown; if it is wanted once more, another writer undid it. Notes are never undone. */
  undone(effects: readonly Effect[]): Effect | undefined {
    const wanted = new Map(effects.map((effect) => [describeEffect(effect), effect]));
    for (const [key, begun] of this.#begun) {
      const again = wanted.get(key);
      if (again === undefined) begun.hasShown = true;
      else if (begun.hasShown) return again;
    }
    return undefined;
  }

  /** An effect that is wanted again although it was made as often as is sensible. */
  inVain(effects: readonly Effect[]): Failure | undefined {
    const now = this.#clock.now();
    for (const effect of effects) {
      const before = this.#begun.get(describeEffect(effect));
      if (before === undefined || before.times < attemptsMax || now - before.at < effectShowsWithinMs) continue;
      return {
        effect,
        problem: problemOf(EffectWithoutResult.of(describeEffect(effect), before.times, restarted(effect))),
      };
    }
    return undefined;
  }

  begin(effect: Effect): void {
    if (isNote(effect)) return;
    const key = describeEffect(effect);
    this.#begun.set(key, {
      times: (this.#begun.get(key)?.times ?? 0) + 1,
      at: this.#clock.now(),
      hasShown: false,
    });
  }
}
