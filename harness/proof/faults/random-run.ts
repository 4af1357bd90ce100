import { Random } from '../../rehearsal/sim/random.ts';
import { type Arena, type AttemptEnd, type Begun, isDone, openArena } from './arena.ts';
import type { Claim, Contender } from './contender.ts';
import { differencesBetween, type EndState, endState } from './end-state.ts';
import type { Breach } from './referee.ts';
import { smallTask } from './task.ts';
import { draws } from './troubles/index.ts';
import type { Stage, Trouble, TroubleKind } from './troubles/trouble.ts';

const attemptsWhileTroubled = 4;
const attemptsAfter = 6;
/** When the last trouble ends at the latest, since the first attempt began. */
const calmMs = 360_000;
/** A controller whose pods were refused for some time tries again this late: the longest back-off of client-go. */
const controllerRetryMs = 1_000_000;

export interface SeedOptions {
  seed: number;
  /** Only the troubles of these places, of those that the seed draws. */
  only?: readonly number[];
  tell?: (text: string) => void;
}

export interface SeedResult {
  seed: number;
  troubles: readonly Pick<Trouble, 'kind' | 'what' | 'atMs' | 'forMs'>[];
  /** How it ended at last. */
  end: Claim['end'] | 'killed' | 'endless';
  attempts: number;
  breaches: readonly Breach[];
  /** Where the end differs from what was to be; empty when it does not. */
  differences: readonly string[];
}

/** The ends of runs that nothing disturbed, by how they end. */
export type Ends = Readonly<Record<'completed' | 'rolled-back', EndState>>;

/** Everything that goes wrong in a run follows from its seed; each trouble has chance of its own, so that others can be left out. */
export function troublesOf(seed: number): Trouble[] {
  const random = new Random(seed).fork('troubles');
  const kinds = Object.keys(draws) as TroubleKind[];
  // Now and then a very bad day.
  const count = random.below(6) === 0 ? 5 + random.below(4) : 1 + random.below(4);
  const drawn = new Set<TroubleKind>();
  while (drawn.size < count) drawn.add(random.pick(kinds));
  return [...drawn].map((kind, place) => draws[kind](new Random(seed).fork(`trouble ${place}`)));
}

/** Troubles first, then none: it must keep every invariant on the way, and converge. */
export async function runSeed(contender: Contender, ends: Ends, options: SeedOptions): Promise<SeedResult> {
  const { seed, only, tell } = options;
  const troubles = troublesOf(seed).filter((_, place) => only === undefined || only.includes(place));
  const arena = await openArena({ seed, task: smallTask, ...(tell === undefined ? {} : { tell }) });
  const play = new Play(arena, contender, seed);
  play.schedule(troubles);
  const end = await play.run();
  await arena.sim.advance(20_000);
  const look = () => differencesOf(end, troubles, ends, endState(arena.sim));
  if (look().length > 0 && isDone(end)) await arena.sim.advance(controllerRetryMs);
  const { breaches } = arena;
  return {
    seed,
    troubles: troubles.map(({ kind, what, atMs, forMs }) => ({ kind, what, atMs, forMs })),
    end: typeof end === 'string' ? end : end.end,
    attempts: play.attempts,
    breaches,
    differences: look(),
  };
}

class Play {
  attempts = 0;
  readonly #arena: Arena;
  readonly #contender: Contender;
  readonly #random: Random;
  readonly #endings = new Set<() => void>();
  readonly #besides: Promise<AttemptEnd>[] = [];
  #current: Begun | undefined;
  #last: AttemptEnd = 'killed';
  #isCalm = false;

  constructor(arena: Arena, contender: Contender, seed: number) {
    this.#arena = arena;
    this.#contender = contender;
    this.#random = new Random(seed).fork('play');
  }

  schedule(troubles: readonly Trouble[]): void {
    for (const trouble of troubles) this.#at(trouble.atMs, () => this.#begin(trouble));
  }

  async run(): Promise<AttemptEnd> {
    const { sim } = this.#arena;
    for (let count = 0; count < attemptsWhileTroubled && !isDone(this.#last); count++) {
      await this.#attempt();
      await sim.advance(Math.round(this.#random.between(500, 20_000)));
    }
    if (!isDone(this.#last)) await sim.advance(Math.max(0, calmMs - this.#arena.elapsedMs));
    this.#calm();
    await sim.run(Promise.all(this.#besides));
    await sim.advance(1_000);
    for (let count = 0; count < attemptsAfter && !isDone(this.#last); count++) {
      // People do not start the same run again at once, and earlier failures stay in the rates for a while.
      if (count > 0) await sim.advance(60_000);
      await this.#attempt();
    }
    return this.#last;
  }

  async #attempt(): Promise<void> {
    this.attempts += 1;
    this.#current = await this.#arena.begin(this.#contender);
    const end = await this.#arena.sim.run(this.#current.ended);
    this.#current = undefined;
    this.#note(end);
  }

  /** An attempt besides may be the one that gets there, or one that begins anew after the other has ended. */
  #note(end: AttemptEnd): void {
    if (isDone(end) || !isDone(this.#last)) this.#last = end;
  }

  #begin(trouble: Trouble): void {
    // What happens to a mesh after the upgrade has ended is another story.
    if (this.#isCalm || this.#arena.hasSaidEnd || isDone(this.#last)) return;
    this.#arena.tell(`${trouble.kind} begins: ${trouble.what}`);
    if (trouble.release !== undefined) this.#arena.referee.conditions.mayBlameRelease = true;
    const stage: Stage = {
      arena: this.#arena,
      contender: this.#contender,
      random: this.#random.fork(trouble.what),
      current: () => this.#current,
      isOver: () => isDone(this.#last),
      besides: () => {
        this.attempts += 1;
        const ended = this.#arena.begin(this.#contender).then(async (begun) => await begun.ended);
        this.#besides.push(
          ended.then((end) => {
            this.#note(end);
            return end;
          }),
        );
      },
    };
    const undo = trouble.begin(stage);
    const end = () => {
      if (!this.#endings.delete(end)) return;
      undo();
      this.#arena.tell(`${trouble.kind} is over`);
    };
    this.#endings.add(end);
    if (Number.isFinite(trouble.forMs)) this.#at(trouble.forMs, end);
  }

  #calm(): void {
    this.#isCalm = true;
    for (const end of [...this.#endings]) end();
  }

  #at(ms: number, action: () => void): void {
    this.#arena.sim.in(ms, action);
  }
}

const wordsOf = (end: AttemptEnd): string => (typeof end === 'string' ? end : end.words);

function differencesOf(end: AttemptEnd, troubles: readonly Trouble[], ends: Ends, is: EndState): string[] {
  if (!isDone(end)) return [`it did not converge: ${wordsOf(end)}`];
  const must = troubles.some(({ release }) => release === 'must go back');
  const may = must || troubles.some(({ release }) => release === 'may go back');
  if (end.end === 'completed' && must) return ['it completed with a release that fails requests'];
  if (end.end === 'rolled-back' && !may)
    return [`it went back although nothing was wrong with the release: ${end.words}`];
  return differencesBetween(ends[end.end], is, end.end, { pardon: 'restarts' });
}
