import { describe, expect, it } from 'vitest';
import { describeAmount, parseQuantity } from '../../../src/checks/surge/quantity.ts';

describe('a Kubernetes quantity', () => {
  it.for([
    ['0', 0],
    ['2', 2],
    ['100m', 0.1],
    ['1.5', 1.5],
    ['.5', 0.5],
    ['250000n', 0.00025],
    ['128Mi', 134_217_728],
    ['1.5Gi', 1_610_612_736],
    ['4k', 4000],
    ['12e3', 12_000],
    ['129e6', 129_000_000],
    ['3E', 3e18],
    ['8052148Ki', 8_245_399_552],
  ] as const)('%s is parsed', ([text, amount]) => {
    expect(parseQuantity(text)).toBeCloseTo(amount);
  });

  it.for(['', 'Mi', '1 Gi', 'a lot', '1constructor', '--1'])('"%s" is not valid', (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });

  it('is shown in cores and in GiB', () => {
    expect(describeAmount('cpu', 1.2345)).toBe('1.2 CPU');
    expect(describeAmount('memory', 3.5 * 2 ** 30)).toBe('3.5 GiB');
  });
});
