import { describe, expect, it } from 'vitest';
import { countIncrements, countTraffic, isFailure, withBefore } from '../../src/gate/count-traffic.ts';
import type { Series } from '../../src/ports/prometheus.ts';

const podOf = (labels: Readonly<Record<string, string>>) => `${labels['namespace']}/${labels['pod']}`;
const series = (pod: string, code: string, value: number) => ({
  labels: { namespace: 'bar', pod, response_code: code },
  value,
  at: 0,
});

const counting = { podOf, created: new Set<string>() };
const readings = (before: Series[], after: Series[]) => ({ before, after });

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
  it('counts the first value of a new series in full, which rate() cannot (prometheus/prometheus#3886)', () => {
    const traffic = countTraffic(
      readings([series('a', '200', 100)], [series('a', '200', 150), series('a', '503', 7)]),
      counting,
    );
    expect(traffic).toMatchObject({ requests: 57, errors: 7 });
  });

  it('counts a reset counter from zero', () => {
    expect(countTraffic(readings([series('a', '200', 100)], [series('a', '200', 20)]), counting).requests).toBe(20);
  });

  it('does not count the whole life of a pod that the first reading does not know', () => {
    const after = [series('gateway', '503', 4_000), series('created', '503', 3)];
    expect(countTraffic(readings([], after), { ...counting, created: new Set(['bar/created']) })).toMatchObject({
      errors: 3,
    });
  });

  it('leaves out pods of the other revision', () => {
    const after = [series('old', '503', 50), series('new', '200', 50)];
    expect(
      countTraffic(readings([], after), { ...counting, created: new Set(['bar/new']), wanted: new Set(['bar/new']) }),
    ).toMatchObject({ requests: 50, errors: 0 });
  });

  it('names the pods with most errors first', () => {
    const after = [series('a', '503', 1), series('b', '503', 9), series('c', '200', 5)];
    expect(
      countTraffic(readings([], after), { ...counting, created: new Set(['bar/a', 'bar/b', 'bar/c']) }).worst.map(
        ({ pod }) => pod,
      ),
    ).toEqual(['bar/b', 'bar/a']);
  });
});

describe('withBefore (counts of a namespace before its wave)', () => {
  it('adds the counts before the wave to a namespace that fails', () => {
    const after = [series('new', '503', 5), series('new', '200', 5)];
    const traffic = countTraffic(readings([], after), { ...counting, created: new Set(['bar/new']) });
    const first = [series('old-1', '503', 2), series('old-1', '200', 90), series('old-2', '200', 8)];
    const last = [series('old-1', '503', 4), series('old-1', '200', 100), series('old-2', '200', 9)];
    expect(withBefore(traffic, readings(first, last), podOf).namespaces).toEqual([
      { namespace: 'bar', requests: 10, errors: 5, before: { requests: 13, errors: 2 } },
    ]);
  });

  it('adds nothing to a namespace without a failure', () => {
    const after = [series('new', '200', 5)];
    expect(countTraffic(readings([], after), { ...counting, created: new Set(['bar/new']) }).namespaces).toEqual([]);
  });
});

describe('countIncrements', () => {
  it('counts an absent counter of a scraped istiod as zero', () => {
    expect(countIncrements(readings([], []))).toBe(0);
  });

  it('sums increments over series', () => {
    const reject = (type: string, value: number) => ({ labels: { type }, value, at: 0 });
    expect(countIncrements(readings([reject('cds', 2)], [reject('cds', 3), reject('lds', 4)]))).toBe(5);
  });
});
