import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../src/model/clock.ts';

/** Time that only moves when a test says so, or when everything else waits for it. */
export class SteppedClock implements Clock {
  #now: number;
  #timers: { due: number; wake: () => void }[] = [];

  constructor(now = Date.parse('2026-01-01T00:00:00Z')) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  get sleepers(): number {
    return this.#timers.length;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = { due: this.#now + ms, wake: resolve };
    const stop = () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
    this.#timers.push(timer);
    return promise.finally(() => signal?.removeEventListener('abort', stop));
  }

  /** Lets everything run that does not wait for time. */
  async settle(): Promise<void> {
    for (let i = 0; i < 5; i++) await turn();
  }

  async advance(ms: number): Promise<void> {
    await this.settle();
    const until = this.#now + ms;
    for (let due = this.#next(until); due !== undefined; due = this.#next(until)) await this.#wake(due);
    this.#now = until;
    await this.settle();
  }

  /** Jumps from timer to timer until `work` is over. */
  async run<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const settled = work.then(
      () => {
        over = true;
      },
      () => {
        over = true;
      },
    );
    for (;;) {
      await this.settle();
      if (over) break;
      const due = this.#next(Number.POSITIVE_INFINITY);
      if (due === undefined) throw new Error('the work waits for something other than time');
      await this.#wake(due);
    }
    await settled;
    return work;
  }

  async #wake(due: number): Promise<void> {
    this.#now = Math.max(this.#now, due);
    const ripe = this.#timers.filter((timer) => timer.due <= this.#now);
    this.#timers = this.#timers.filter((timer) => timer.due > this.#now);
    for (const { wake } of ripe) wake();
    await this.settle();
  }

  #next(until: number): number | undefined {
    const due = Math.min(...this.#timers.map((timer) => timer.due));
    return due <= until && Number.isFinite(due) ? due : undefined;
  }
}
