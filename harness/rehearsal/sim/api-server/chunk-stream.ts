import type { Random } from '../random.ts';
import type { VirtualClock } from '../virtual-clock.ts';

const MinDelayMs = 1;
const MaxDelayMs = 6;

/**
 * A response body that arrives over time: what is written within one delay comes as one chunk, and now and then a
 * chunk ends in the middle of a line, as on a real connection.
 */
export class ChunkStream {
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #signal: AbortSignal;
  readonly #onAbort = () => this.#close();
  readonly #endListeners: (() => void)[] = [];
  #pending = '';
  #isFlushScheduled = false;
  #arrived: Uint8Array[] = [];
  #hasEnded = false;
  #isClosed = false;
  #wakeReader: (() => void) | undefined;

  constructor(clock: VirtualClock, random: Random, signal: AbortSignal) {
    this.#clock = clock;
    this.#random = random;
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  onEnd(listener: () => void): void {
    this.#endListeners.push(listener);
  }

  write(text: string): void {
    if (this.#isClosed || this.#hasEnded) return;
    this.#pending += text;
    this.#scheduleFlush();
  }

  /** No more is written; what was written still arrives. */
  end(): void {
    if (this.#isClosed || this.#hasEnded) return;
    this.#hasEnded = true;
    this.#stop();
    this.#scheduleFlush();
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        if (this.#signal.aborted) throw this.#signal.reason;
        const chunk = this.#arrived.shift();
        if (chunk) yield chunk;
        else if (this.#isClosed) return;
        else
          await new Promise<void>((resolve) => {
            this.#wakeReader = resolve;
          });
      }
    } finally {
      this.#close();
    }
  }

  async text(): Promise<string> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.chunks()) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  }

  #scheduleFlush(): void {
    if (this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    this.#clock.schedule(this.#random.between(MinDelayMs, MaxDelayMs), () => this.#flush());
  }

  #flush(): void {
    this.#isFlushScheduled = false;
    if (this.#isClosed) return;
    const bytes = Buffer.from(this.#pending, 'utf8');
    this.#pending = '';
    if (bytes.length > 0) this.#arrived.push(...this.#split(bytes));
    if (this.#hasEnded) this.#close();
    this.#wake();
  }

  #split(bytes: Buffer): Uint8Array[] {
    if (this.#random.below(8) !== 0) return [bytes];
    const at = this.#random.below(bytes.length);
    return [bytes.subarray(0, at), bytes.subarray(at)].filter((part) => part.length > 0);
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#stop();
    this.#wake();
  }

  #stop(): void {
    for (const listener of this.#endListeners.splice(0)) listener();
  }

  #wake(): void {
    const wake = this.#wakeReader;
    this.#wakeReader = undefined;
    if (!wake) return;
    this.#clock.wake();
    wake();
  }
}
