import { describe, expect, it } from 'vitest';
import { countIncrements, incrementsOf } from '../../src/gate/count-increments.ts';
import type { Series } from '../../src/ports/prometheus.ts';

const podOf = (labels: Readonly<Record<string, string>>) => `${labels['namespace']}/${labels['pod']}`;
const series = (pod: string, code: string, value: number): Series => ({
  labels: { namespace: 'bar', pod, response_code: code },
  value,
  at: 0,
});
const sumOf = (before: Series[], after: Series[], created: readonly string[] = []) =>
  [...incrementsOf({ before, after }, { podOf, created: new Set(created) })].reduce(
    (sum, { increment }) => sum + increment,
    0,
  );

describe('incrementsOf', () => {
  it('counts the first value of a new series in full, which rate() cannot (prometheus/prometheus#3886)', () => {
    expect(sumOf([series('a', '200', 100)], [series('a', '200', 150), series('a', '503', 7)])).toBe(57);
  });

  it('counts a reset counter from zero', () => {
    expect(sumOf([series('a', '200', 100)], [series('a', '200', 20)])).toBe(20);
  });

  it('does not count the whole life of a pod that the first reading does not know', () => {
    expect(sumOf([], [series('gateway', '503', 4_000), series('created', '503', 3)], ['bar/created'])).toBe(3);
  });
});

describe('countIncrements', () => {
  it('counts an absent counter of a scraped istiod as zero', () => {
    expect(countIncrements({ before: [], after: [] })).toBe(0);
  });

  it('sums increments over series', () => {
    const reject = (type: string, value: number) => ({ labels: { type }, value, at: 0 });
    expect(countIncrements({ before: [reject('cds', 2)], after: [reject('cds', 3), reject('lds', 4)] })).toBe(5);
  });
});
