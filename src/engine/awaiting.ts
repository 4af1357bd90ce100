import type { Awaited } from '../model/awaited.ts';
import type { Clock } from '../model/clock.ts';

/** Since when a stage has waited for the same things that others must do. */
export class Awaiting {
  readonly #clock: Clock;
  #text = '';
  #since = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** To be called with every look. @returns whether it is to be told: it is other than at the look before */
  see(awaited: readonly Awaited[]): boolean {
    const text = JSON.stringify(awaited.map(({ what }) => what));
    if (text === this.#text) return false;
    this.#text = text;
    this.#since = this.#clock.now();
    return awaited.length > 0;
  }

  get ms(): number {
    return this.#clock.now() - this.#since;
  }
}
