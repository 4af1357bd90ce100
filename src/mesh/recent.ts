import type { Clock } from '../engine/clock.ts';

/** Costly looks, kept for a moment: every watch event wakes the engine, and not each wake-up needs a new one. */
export class Recent {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #kept = new Map<string, { at: number; value: Promise<unknown> }>();

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  /** The kept look if it is younger than its kind allows, else a new one. A look that failed is not kept. */
  async of<T>(
    aspect: 'injections' | 'manifest' | 'findings' | 'istioFindings' | 'usage' | 'leftovers' | 'troubles' | 'evidence',
    look: () => Promise<T>,
  ): Promise<T> {
    const before = this.#kept.get(aspect);
    const now = this.#clock.now();
    if (before !== undefined && now - before.at < this.#maxAge(aspect)) return (await before.value) as T;
    const value = look();
    this.#kept.set(aspect, { at: now, value });
    try {
      return await value;
    } catch (failure) {
      this.#kept.delete(aspect);
      throw failure;
    }
  }

  /** After an effect the world is another one. */
  forget(): void {
    this.#kept.clear();
  }

  #maxAge(aspect: string): number {
    switch (aspect) {
      // A look at the metrics is worth one scrape.
      case 'evidence':
        return this.#intervalMs;
      case 'manifest':
      case 'istioFindings':
        return 60_000;
      case 'findings':
        return 15_000;
      default:
        return 1_000;
    }
  }
}
