import type { Random } from '../random.ts';
import type { VirtualClock } from '../virtual-clock.ts';

/** client-go's rate limiter for one item: 5 ms, doubled with every failure. */
const FirstRetryMs = 5;
const LastRetryMs = 1000 * 1000;
const MaxRetryShift = 18;

export interface WorkQueueOptions {
  /** From a change to its reconciliation, in virtual milliseconds. */
  delayMs: readonly [least: number, most: number];
}

/** Runs a reconciliation a moment after its key was added, once however often it was added, again if it failed. */
export class WorkQueue {
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #reconcile: (key: string) => void;
  readonly #delayMs: readonly [number, number];
  readonly #scheduled = new Map<string, { at: number; cancel: () => void }>();
  readonly #failures = new Map<string, number>();

  constructor(clock: VirtualClock, random: Random, { delayMs }: WorkQueueOptions, reconcile: (key: string) => void) {
    this.#clock = clock;
    this.#random = random;
    this.#delayMs = delayMs;
    this.#reconcile = reconcile;
  }

  add(key: string): void {
    this.addAfter(key, this.#random.between(...this.#delayMs));
  }

  /** Brings an earlier run forward, never puts one off. */
  addAfter(key: string, delayMs: number): void {
    const at = this.#clock.now() + delayMs;
    const waiting = this.#scheduled.get(key);
    if (waiting && waiting.at <= at) return;
    waiting?.cancel();
    const cancel = this.#clock.schedule(delayMs, () => {
      this.#scheduled.delete(key);
      this.#reconcile(key);
    });
    this.#scheduled.set(key, { at, cancel });
  }

  /** Runs the key again, later each time until `forget`. */
  retry(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.addAfter(key, Math.min(FirstRetryMs * 2 ** Math.min(failures, MaxRetryShift), LastRetryMs));
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }
}
