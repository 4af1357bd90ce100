import { describe, expect, it } from 'vitest';
import { Chance } from '../../../../harness/proof/bench/gate/chance.ts';

const draws = 40_000;
function moments(draw: () => number): { mean: number; variance: number } {
  let [sum, squares] = [0, 0];
  for (let index = 0; index < draws; index++) {
    const value = draw();
    sum += value;
    squares += value * value;
  }
  const mean = sum / draws;
  return { mean, variance: squares / draws - mean * mean };
}
/** Within five standard errors of what is expected, or a little more for variances. */
const near = (found: number, expected: number, error: number) =>
  expect(Math.abs(found - expected)).toBeLessThan(5 * error + 1e-9);

describe('random counts (seed 16)', () => {
  it.for([0.01, 0.7, 9.9, 10.1, 40, 900, 150_000])('of a Poisson distribution have mean and variance %d', (mean) => {
    const chance = new Chance(16);
    const found = moments(() => chance.poisson(mean));
    near(found.mean, mean, Math.sqrt(mean / draws));
    near(found.variance, mean, Math.sqrt((2 * mean * mean + mean) / draws));
  });

  it.for([9, 12, 30])('of a Poisson distribution of mean %d are as frequent as they must be', (mean) => {
    const chance = new Chance(16);
    const found = new Map<number, number>();
    for (let index = 0; index < draws; index++) {
      const count = chance.poisson(mean);
      found.set(count, (found.get(count) ?? 0) + 1);
    }
    let probability = Math.exp(-mean);
    for (let count = 0; count < 3 * mean; count++) {
      near((found.get(count) ?? 0) / draws, probability, Math.sqrt((probability + 1e-4) / draws));
      probability *= mean / (count + 1);
    }
  });

  it('in bursts of five on average vary nine times as much as single ones', () => {
    const chance = new Chance(16);
    const found = moments(() => chance.inBursts(50, 5));
    near(found.mean, 50, Math.sqrt((50 * 9) / draws));
    near(found.variance, 450, (450 * Math.sqrt(3)) / Math.sqrt(draws));
  });

  it('of a normal and of a gamma distribution have their mean and variance', () => {
    const chance = new Chance(16);
    const normal = moments(() => chance.normal());
    near(normal.mean, 0, 1 / Math.sqrt(draws));
    near(normal.variance, 1, Math.sqrt(2 / draws));
    const gamma = moments(() => chance.gamma(2.5));
    near(gamma.mean, 2.5, Math.sqrt(2.5 / draws));
    near(gamma.variance, 2.5, Math.sqrt(30 / draws));
  });

  it('are the same for the same seed, and others for another', () => {
    const of = (...seed: [number, number, number]) => {
      const chance = new Chance(...seed);
      return Array.from({ length: 20 }, () => chance.uniform());
    };
    expect(of(1, 2, 3)).toEqual(of(1, 2, 3));
    expect(of(1, 2, 3)).not.toEqual(of(1, 2, 4));
    expect(of(1, 2, 3)).not.toEqual(of(1, 3, 3));
  });
});
