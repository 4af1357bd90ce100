import type { Clock } from '../model/clock.ts';

/** Aspects that cost requests in every snapshot. */
export type Costly =
  | 'injections'
  | 'prospects'
  | 'refusals'
  | 'podChanges'
  | 'manifest'
  | 'definitions'
  | 'targetUse'
  | 'configurations'
  | 'findings'
  | 'sight'
  | 'istioFindings'
  | 'dependents'
  | 'usage'
  | 'leftovers'
  | 'troubles'
  | 'unhealthy'
  | 'judged';

/** A read this young is used even if it is outdated, so that no aspect is read twice within this time. */
const youngMs = 1_000;

/** Costly reads, cached for a moment: every watch event wakes the engine, and not each of its turns needs a new read. */
export class Recent {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #kept = new Map<Costly, { at: number; value: Promise<unknown> }>();

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  /**
   * The cached read if it is younger than its kind allows, else a new one. A read that failed is not cached.
   * @param isOutdated whether a new read would show more than the cached one, although that has not expired
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

  /** Forgets what an effect may have changed; the rest stays cached. */
  forget(unchanged: readonly Costly[] = []): void {
    for (const aspect of this.#kept.keys()) if (!unchanged.includes(aspect)) this.#kept.delete(aspect);
  }

  #maxAge(aspect: Costly): number {
    switch (aspect) {
      // New metrics arrive once per scrape.
      case 'judged':
        return this.#intervalMs;
      case 'manifest':
      case 'istioFindings':
      case 'sight':
      case 'podChanges':
        return 60_000;
      case 'findings':
      case 'unhealthy':
        return 15_000;
      case 'configurations':
      case 'prospects':
      case 'refusals':
        return 10_000;
      case 'dependents':
      case 'usage':
      case 'targetUse':
        return 30_000;
      default:
        return youngMs;
    }
  }
}
