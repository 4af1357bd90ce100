import { describe, expect, it } from 'vitest';
import { countIncrements, countTraffic, isFailure } from '../../src/gate/count-traffic.ts';

const podOf = (labels: Readonly<Record<string, string>>) => `${labels['namespace']}/${labels['pod']}`;
const series = (pod: string, code: string, value: number) => ({
  labels: { namespace: 'bar', pod, response_code: code },
  value,
  at: 0,
});

describe('isFailure', () => {
  it.for([
    { labels: { response_code: '200' }, failure: false },
    { labels: { response_code: '404' }, failure: false },
    { labels: { response_code: '503' }, failure: true },
    { labels: { response_code: '0', response_flags: 'UF,URX' }, failure: true },
    { labels: { response_code: '0', response_flags: 'DC' }, failure: false },
    { labels: { response_code: '200', grpc_response_status: '0' }, failure: false },
    { labels: { response_code: '200', grpc_response_status: '14' }, failure: true },
    { labels: { response_code: '200', grpc_response_status: '5' }, failure: false },
  ])('is $failure for $labels', ({ labels, failure }) => {
    expect(isFailure(labels as Record<string, string>)).toBe(failure);
  });
});

describe('countTraffic', () => {
  it('counts the first value of a newborn series in full, which rate() cannot (prometheus/prometheus#3886)', () => {
    const traffic = countTraffic([series('a', '200', 100)], [series('a', '200', 150), series('a', '503', 7)], podOf);
    expect(traffic).toMatchObject({ requests: 57, errors: 7 });
  });

  it('counts a reset counter from zero', () => {
    expect(countTraffic([series('a', '200', 100)], [series('a', '200', 20)], podOf).requests).toBe(20);
  });

  it('leaves out pods of the other revision', () => {
    const after = [series('old', '503', 50), series('new', '200', 50)];
    expect(countTraffic([], after, podOf, new Set(['bar/new']))).toMatchObject({ requests: 50, errors: 0 });
  });

  it('names the pods with most errors first', () => {
    const after = [series('a', '503', 1), series('b', '503', 9), series('c', '200', 5)];
    expect(countTraffic([], after, podOf).worst.map(({ pod }) => pod)).toEqual(['bar/b', 'bar/a']);
  });
});

describe('countIncrements', () => {
  it('takes an absent counter of a seen istiod for zero', () => {
    expect(countIncrements([], [])).toBe(0);
  });

  it('sums increments over series', () => {
    const reject = (type: string, value: number) => ({ labels: { type }, value, at: 0 });
    expect(countIncrements([reject('cds', 2)], [reject('cds', 3), reject('lds', 4)])).toBe(5);
  });
});
