import type { VirtualClock } from '../virtual-clock.ts';

/** Real time that one step makes up for at most: a machine that stalls loses virtual time instead of making it jump. */
const LongestStepMs = 100;
/** The clock is never staler than this, so that what a test switches on is switched on now. */
const IdleStepMs = 20;

/** Lets a virtual clock run by itself, so many virtual seconds a real second. While it runs, no other code may drive the clock. */
export class Pace {
  readonly #clock: VirtualClock;
  readonly #speed: number;
  readonly #realNow: () => number;
  #seenAt: number;
  /** Virtual time that has passed and was not yet driven; the clock moves in whole milliseconds. */
  #owedMs = 0;
  #stepping: Promise<void> | undefined;
  #cancelNext = () => {};
  #hasStopped = false;

  /**
   * @param speed virtual seconds in a real one
   * @param realNow milliseconds that never go back
   */
  constructor(clock: VirtualClock, speed: number, realNow: () => number = () => performance.now()) {
    if (!(speed > 0)) throw new Error(`virtual time cannot run at a speed of ${speed}`);
    this.#clock = clock;
    this.#speed = speed;
    this.#realNow = realNow;
    this.#seenAt = realNow();
    this.#plan();
  }

  /** Resolves when all that is due by now has happened. */
  catchUp(): Promise<void> {
    if (this.#hasStopped) return Promise.reject(new Error('virtual time was stopped'));
    this.#stepping ??= this.#step().finally(() => {
      this.#stepping = undefined;
      this.#plan();
    });
    return this.#stepping;
  }

  /** Does something that waits for virtual time, from this moment on. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    await this.catchUp();
    const done = work();
    this.#plan();
    return await done;
  }

  /** Virtual time stands still from now on. */
  async stop(): Promise<void> {
    this.#hasStopped = true;
    this.#cancelNext();
    await this.#stepping;
  }

  async #step(): Promise<void> {
    const now = this.#realNow();
    this.#owedMs += Math.min(now - this.#seenAt, LongestStepMs) * this.#speed;
    this.#seenAt = now;
    const ms = Math.floor(this.#owedMs);
    this.#owedMs -= ms;
    await this.#clock.advance(ms);
  }

  /** The next step: when something is due, or soon anyway. A failure in it belongs to no request and ends the process. */
  #plan(): void {
    this.#cancelNext();
    if (this.#hasStopped || this.#stepping) return;
    const step = () => void this.catchUp();
    const waitMs = Math.min(this.#untilDueMs(), IdleStepMs);
    if (waitMs < 1) {
      // A timer of Node takes a millisecond at least, which is long at a high speed.
      const immediate = setImmediate(step);
      this.#cancelNext = () => clearImmediate(immediate);
    } else {
      const timer = setTimeout(step, waitMs);
      this.#cancelNext = () => clearTimeout(timer);
    }
  }

  /** In real milliseconds. */
  #untilDueMs(): number {
    const dueAt = this.#clock.nextDueAt;
    if (dueAt === undefined) return Number.POSITIVE_INFINITY;
    const passedMs = this.#realNow() - this.#seenAt;
    return (dueAt - this.#clock.now() - this.#owedMs) / this.#speed - passedMs;
  }
}
