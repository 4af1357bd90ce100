import { Random } from '../random.ts';

/** How a ratio moves around its mean: log-normally, with a memory that fades exponentially. */
export interface Wander {
  /** Standard deviation of its logarithm. */
  logSd: number;
  /** After so long, 1/e of a deviation is left. */
  memoryMs: number;
  seed: number;
}

const StepsInMemory = 10;

/** A ratio that rises and falls by chance, and is still a pure function of time: the path follows from the seed alone. */
export class WanderingRatio {
  readonly #ratio: number;
  readonly #logSd: number;
  readonly #stepMs: number;
  readonly #beganAt: number;
  readonly #random: Random;
  #deviation: number;
  /** The integral of the ratio until the beginning of each step, in milliseconds. */
  readonly #integrals = [0];

  /** @param beganAt before which nothing is asked, Unix milliseconds */
  constructor(ratio: number, { logSd, memoryMs, seed }: Wander, beganAt: number) {
    this.#ratio = ratio;
    this.#logSd = logSd;
    this.#stepMs = memoryMs / StepsInMemory;
    this.#beganAt = beganAt;
    this.#random = new Random(seed);
    this.#deviation = this.#normal();
  }

  /** The integral of the ratio between two moments, in milliseconds: its mean in that time is this through the time. */
  between(from: number, to: number): number {
    return this.#until(to) - this.#until(from);
  }

  #until(at: number): number {
    const steps = (at - this.#beganAt) / this.#stepMs;
    const whole = Math.floor(steps);
    while (this.#integrals.length <= whole + 1) this.#extend();
    const before = this.#integrals[whole] ?? 0;
    const after = this.#integrals[whole + 1] ?? before;
    return before + (after - before) * (steps - whole);
  }

  #extend(): void {
    // The mean of a log-normal number is exp(sd * sd / 2) times its median.
    const factor = Math.exp(this.#logSd * this.#deviation - this.#logSd ** 2 / 2);
    this.#integrals.push((this.#integrals.at(-1) ?? 0) + this.#stepMs * Math.min(1, this.#ratio * factor));
    const kept = Math.exp(-1 / StepsInMemory);
    this.#deviation = kept * this.#deviation + Math.sqrt(1 - kept ** 2) * this.#normal();
  }

  /** Box and Muller. */
  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#random.next())) * Math.cos(2 * Math.PI * this.#random.next());
  }
}
