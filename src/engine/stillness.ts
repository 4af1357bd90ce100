import type { Shortfall } from '../mesh/stage.ts';
import type { Clock } from './clock.ts';

/** Since when the shortfalls have been the same. */
export class Stillness {
  readonly #clock: Clock;
  #text = '';
  #since: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.now();
  }

  get ms(): number {
    return this.#clock.now() - this.#since;
  }

  /** @returns whether they have changed */
  note(shortfalls: readonly Shortfall[]): boolean {
    const text = JSON.stringify(shortfalls);
    if (text === this.#text) return false;
    this.#text = text;
    this.#since = this.#clock.now();
    return true;
  }
}
