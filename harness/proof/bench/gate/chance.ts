/**
 * Random counts for the traces of the gate's bench: same seed, same numbers. The generator is sfc32, whose 128 bits of state keep the
 * streams of millions of runs apart; the simulator's own has 32 bits.
 */
export class Chance {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  #spareNormal: number | undefined;

  constructor(...seed: readonly [number, number?, number?]) {
    [this.#a, this.#b, this.#c] = [seed[0] | 0, (seed[1] ?? 0) | 0, (seed[2] ?? 0) | 0];
    for (let round = 0; round < 15; round++) this.uniform();
  }

  /** A number in [0, 1). */
  uniform(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  }

  /** Of mean 0 and variance 1; Marsaglia's polar method. */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const square = u * u + v * v;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spareNormal = v * scale;
      return u * scale;
    }
  }

  /** Of the given mean; small ones by inversion, others by Hörmann's transformed rejection (PTRS, 1993). */
  poisson(mean: number): number {
    if (mean <= 0) return 0;
    if (mean < 10) {
      let left = this.uniform();
      let probability = Math.exp(-mean);
      let count = 0;
      while (left >= probability && count < 200) {
        left -= probability;
        count++;
        probability *= mean / count;
      }
      return count;
    }
    const root = Math.sqrt(mean);
    const b = 0.931 + 2.53 * root;
    const a = -0.059 + 0.02483 * b;
    const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
    const accepted = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
      const u = this.uniform() - 0.5;
      const v = this.uniform();
      const distance = 0.5 - Math.abs(u);
      const count = Math.floor(((2 * a) / distance + b) * u + mean + 0.43);
      if (distance >= 0.07 && v <= accepted) return count;
      if (count < 0 || (distance < 0.013 && v > distance)) continue;
      const bound = count * Math.log(mean) - mean - logFactorial(count);
      if (Math.log(v) + Math.log(inverseAlpha) - Math.log(a / (distance * distance) + b) <= bound) return count;
    }
  }

  /** Of the given shape, at least 1, and scale 1; Marsaglia and Tsang (2000). */
  gamma(shape: number): number {
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /** A count of the given mean that comes in bursts of geometric size. @param burst the mean size of one; 1 for single events */
  inBursts(mean: number, burst: number): number {
    if (burst <= 1) return this.poisson(mean);
    const bursts = this.poisson(mean / burst);
    // Sizes beyond one are geometric, so their sum is negative binomial: a Poisson count whose mean is drawn from a gamma distribution.
    return bursts === 0 ? 0 : bursts + this.poisson(this.gamma(bursts) * (burst - 1));
  }
}

const logFactorials = Array.from({ length: 128 }, () => 0);
for (let n = 2; n < logFactorials.length; n++) logFactorials[n] = (logFactorials[n - 1] ?? 0) + Math.log(n);

/** By Stirling's series for large numbers. */
function logFactorial(n: number): number {
  const known = logFactorials[n];
  if (known !== undefined) return known;
  return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * n) - 1 / (360 * n ** 3);
}
