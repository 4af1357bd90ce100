import type { Random } from '../../../rehearsal/sim/random.ts';
import type { Arena } from '../arena.ts';
import type { Contender } from '../contender.ts';

export type TroubleKind =
  | 'F1'
  | 'F2'
  | 'F3'
  | 'F4'
  | 'F5'
  | 'F6'
  | 'F7'
  | 'F8'
  | 'F9'
  | 'F10'
  | 'F11'
  | 'F12'
  | 'F13'
  | 'F14'
  | 'F15'
  | 'F16'
  | 'F17'
  | 'F18';

/** One thing that goes wrong for a while. */
export interface Trouble {
  kind: TroubleKind;
  /** With its numbers, so that a story can be told. */
  what: string;
  /** Since the first attempt begins, virtual milliseconds. */
  atMs: number;
  forMs: number;
  /** What the upgrade may make of it. Left out: it must complete. */
  release?: 'may go back' | 'must go back';
  /** @returns what ends it */
  begin(stage: Stage): () => void;
}

export interface Stage {
  arena: Arena;
  contender: Contender;
  random: Random;
  /** The attempt under way, if one is. */
  current(): { kill(): void; interrupt(): void } | undefined;
  /** Whether the upgrade has ended: nothing is repaired any more. */
  isOver(): boolean;
  /** An attempt besides, which is waited for before the end. */
  besides(): void;
}

export type Draw = (random: Random) => Trouble;

/** When an undisturbed run has ended, and a little more. */
export const runMs = 180_000;

export const someTime = (random: Random): number => Math.round(random.between(0, runMs));
export const aWhile = (random: Random, mostMs = 120_000): number => Math.round(random.between(1_000, mostMs));

/** Puts something into a list until the returned function is called. */
export function among<T>(list: T[], item: T): () => void {
  list.push(item);
  return () => {
    const index = list.indexOf(item);
    if (index >= 0) list.splice(index, 1);
  };
}
