import type { Clock } from '../model/clock.ts';
import type { Shortfall } from '../model/stage.ts';

const heartbeatMs = 30_000;

/** Since when the shortfalls have been the same. */
export class Stillness {
  readonly #clock: Clock;
  #text = '';
  #since: number;
  #told = '';
  #toldAt = 0;
  #each: ReadonlyMap<string, { text: string; since: number }> = new Map();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.now();
  }

  get ms(): number {
    return this.#clock.now() - this.#since;
  }

  /** For how long each shortfall has been the same, by what it is about, in milliseconds. */
  get each(): ReadonlyMap<string, number> {
    const now = this.#clock.now();
    return new Map([...this.#each].map(([what, { since }]) => [what, now - since]));
  }

  /** To be called with every look: what one look alone shows has not lasted. */
  see(shortfalls: readonly Shortfall[]): void {
    const now = this.#clock.now();
    const text = JSON.stringify(shortfalls);
    if (text !== this.#text) this.#since = now;
    this.#text = text;
    this.#each = new Map(
      shortfalls.map(({ what, is }) => {
        const before = this.#each.get(what);
        return [what, before?.text === is ? before : { text: is, since: now }];
      }),
    );
  }

  /** @returns whether there is something to tell: a change, or nothing new for as long as a reader of a log is patient */
  get isWorthTelling(): boolean {
    return this.#text !== this.#told || this.#clock.now() - this.#toldAt >= heartbeatMs;
  }

  /** Nothing could be seen for so long: that time does not count. */
  forgive(awayMs: number): void {
    this.#since += awayMs;
    this.#each = new Map([...this.#each].map(([what, { text, since }]) => [what, { text, since: since + awayMs }]));
  }

  told(): void {
    this.#told = this.#text;
    this.#toldAt = this.#clock.now();
  }
}
