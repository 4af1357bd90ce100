import type { Clock } from '../../../src/model/clock.ts';
import { EventQueue, type QueuedEvent } from './event-queue.ts';

/** Promise chains may hop through a few macrotasks (streams, setImmediate) before they wait for the clock again. */
const DrainRounds = 3;
/** Before a run is called stuck, it gets this many more chances to schedule something. */
const LastChances = 50;
const DayMs = 24 * 60 * 60 * 1000;

/**
 * Time that moves only when everything waits: events run one by one in the order of [time, seq], and between two of
 * them every promise chain runs until it awaits the clock (or an event) again. There is no real timer anywhere.
 */
export class VirtualClock implements Clock {
  #now: number;
  #seq = 0;
  #driving = false;
  /** Something outside the simulator may have been woken since the last drain. */
  #woke = true;
  readonly #queue = new EventQueue();
  readonly #afterEvent: (() => void)[] = [];

  constructor(startMs: number) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  /** When the next event is due, if one is scheduled. */
  get nextDueAt(): number | undefined {
    return this.#queue.peek();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.schedule(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        this.#woke = true;
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Runs `action` in `delayMs`; returns what cancels it. */
  schedule(delayMs: number, action: () => void, { background = false } = {}): () => void {
    if (!(delayMs >= 0)) throw new Error(`cannot schedule in ${delayMs} ms`);
    const event: QueuedEvent = {
      // Whole milliseconds, as every clock outside tells them.
      at: this.#now + Math.ceil(delayMs),
      seq: this.#seq++,
      background,
      action,
      cancelled: false,
    };
    this.#queue.push(event);
    return () => this.#queue.cancel(event);
  }

  /** Code that resolves a promise which code outside the simulator awaits must call this. */
  wake(): void {
    this.#woke = true;
  }

  /** Called after every event; the place for invariants and hooks. */
  onEvent(listener: () => void): void {
    this.#afterEvent.push(listener);
  }

  /**
   * Drives time until the promise settles.
   * @throws if nothing is left that could settle it, or after `limitMs` of virtual time
   */
  async run<T>(promise: Promise<T>, { limitMs = DayMs }: { limitMs?: number } = {}): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    promise.then(settle, settle);
    await this.#drive(() => settled, this.#now + limitMs, 'the promise');
    return promise;
  }

  /** Drives time until only housekeeping is scheduled. */
  async settle({ limitMs = DayMs }: { limitMs?: number } = {}): Promise<void> {
    await this.#drive(() => this.#queue.foreground === 0, this.#now + limitMs, 'the simulation');
  }

  /** Drives time for exactly `ms`. */
  async advance(ms: number): Promise<void> {
    await this.run(this.sleep(ms), { limitMs: ms });
  }

  async #drive(isDone: () => boolean, limit: number, what: string): Promise<void> {
    if (this.#driving) throw new Error('the virtual clock is already being driven');
    this.#driving = true;
    try {
      await drain(DrainRounds);
      while (!isDone()) {
        const due = this.#queue.peek();
        if (due === undefined) {
          await drain(LastChances);
          if (isDone()) return;
          if (this.#queue.isEmpty) throw new Error(`deadlock: nothing is scheduled and ${what} waits for ever`);
          continue;
        }
        if (due > limit) throw new Error(`${what} did not end by ${new Date(limit).toISOString()} (virtual time)`);
        this.#step();
        if (this.#woke) {
          this.#woke = false;
          await drain(DrainRounds);
        }
      }
    } finally {
      this.#driving = false;
    }
  }

  #step(): void {
    const event = this.#queue.pop();
    if (!event) return;
    this.#now = event.at;
    event.action();
    for (const listener of this.#afterEvent) listener();
  }
}

async function drain(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) await new Promise((resolve) => setImmediate(resolve));
}
