import type { Clock } from '../model/clock.ts';

/** Aspects that cost requests at every look. */
export type Costly =
  | 'injections'
  | 'manifest'
  | 'findings'
  | 'istioFindings'
  | 'usage'
  | 'leftovers'
  | 'troubles'
  | 'judged';

/** Nothing is asked twice within this time. */
const youngMs = 1_000;

/** Costly looks, kept for a moment: every watch event wakes the engine, and not each wake-up needs a new one. */
export class Recent {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #kept = new Map<Costly, { at: number; value: Promise<unknown> }>();

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  /**
   * The kept look if it is younger than its kind allows, else a new one. A look that failed is not kept.
   * @param isOutdated whether a kept look says less than a new one would, though its time is not up
   */
  async of<T>(aspect: Costly, look: () => Promise<T>, isOutdated: (kept: T) => boolean = () => false): Promise<T> {
    const before = this.#kept.get(aspect);
    const now = this.#clock.now();
    const ageMs = before === undefined ? Number.POSITIVE_INFINITY : now - before.at;
    if (before !== undefined && ageMs < this.#maxAge(aspect)) {
      const kept = (await before.value) as T;
      if (ageMs < youngMs || !isOutdated(kept)) return kept;
    }
    const value = look();
    this.#kept.set(aspect, { at: now, value });
    try {
      return await value;
    } catch (failure) {
      this.#kept.delete(aspect);
      throw failure;
    }
  }

  /** After an effect the world is another one; what it cannot have changed may be kept. */
  forget(unchanged: readonly Costly[] = []): void {
    for (const aspect of this.#kept.keys()) if (!unchanged.includes(aspect)) this.#kept.delete(aspect);
  }

  #maxAge(aspect: Costly): number {
    switch (aspect) {
      // A look at the metrics is worth one scrape.
      case 'judged':
        return this.#intervalMs;
      case 'manifest':
      case 'istioFindings':
        return 60_000;
      case 'findings':
        return 15_000;
      case 'usage':
        return 30_000;
      default:
        return youngMs;
    }
  }
}
