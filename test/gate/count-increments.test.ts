import { describe, expect, it } from 'vitest';
import { countIncrements } from '../../src/gate/count-increments.ts';

const reject = (type: string, value: number) => ({ labels: { type }, value, at: 0 });

describe('countIncrements', () => {
  it('counts an absent counter of a scraped istiod as zero', () => {
    expect(countIncrements({ before: [], after: [] })).toBe(0);
  });

  it('sums increments over series', () => {
    expect(countIncrements({ before: [reject('cds', 2)], after: [reject('cds', 3), reject('lds', 4)] })).toBe(5);
  });

  it('counts a reset counter from zero', () => {
    expect(countIncrements({ before: [reject('cds', 100)], after: [reject('cds', 20)] })).toBe(20);
  });
});
