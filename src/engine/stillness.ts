import type { Shortfall } from '../mesh/stage.ts';
import type { Clock } from './clock.ts';

const heartbeatMs = 30_000;

/** Since when the shortfalls have been the same. */
export class Stillness {
  readonly #clock: Clock;
  #text = '';
  #since: number;
  #toldAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.now();
  }

  get ms(): number {
    return this.#clock.now() - this.#since;
  }

  /** @returns whether there is something to tell: a change, or nothing new for as long as a reader of a log is patient */
  note(shortfalls: readonly Shortfall[]): boolean {
    const now = this.#clock.now();
    const text = JSON.stringify(shortfalls);
    const changed = text !== this.#text;
    if (changed) this.#since = now;
    this.#text = text;
    if (!changed && now - this.#toldAt < heartbeatMs) return false;
    this.#toldAt = now;
    return true;
  }
}
