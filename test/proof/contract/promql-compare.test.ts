import { describe, expect, it } from 'vitest';
import { differences } from '../../../harness/proof/contract/promql/compare-answers.ts';
import { writeRequest } from '../../../harness/proof/contract/promql/remote-write.ts';

const vector = (...rows: [Record<string, string>, string][]) => ({
  status: 'success',
  data: { resultType: 'vector', result: rows.map(([metric, value]) => ({ metric, value: [60, value] })) },
});
const refusal = { status: 'error', errorType: 'bad_data', error: 'no' };
const one = vector([{ pod: 'a' }, '1']);

describe('comparing two answers', () => {
  it.for([
    { what: 'the same', ours: one, count: 0 },
    { what: 'another number', ours: vector([{ pod: 'a' }, '1.00001']), count: 1 },
    {
      what: 'a number as near as adding in another order brings it',
      ours: vector([{ pod: 'a' }, '1.0000000000001']),
      count: 0,
    },
    { what: 'NaN', ours: vector([{ pod: 'a' }, 'NaN']), count: 1 },
    { what: 'another label', ours: vector([{ pod: 'b' }, '1']), count: 2 },
    { what: 'a series more', ours: vector([{ pod: 'a' }, '1'], [{ pod: 'b' }, '1']), count: 1 },
    { what: 'a series less', ours: vector(), count: 1 },
    { what: 'a scalar', ours: { status: 'success', data: { resultType: 'scalar', result: [60, '1'] } }, count: 1 },
    { what: 'a warning more', ours: { ...one, warnings: ['x'] }, count: 1 },
    { what: 'an error', ours: refusal, count: 1 },
  ])('finds $count differences in $what', ({ ours, count }) => {
    expect(differences(JSON.stringify(one), JSON.stringify(ours))).toHaveLength(count);
  });

  it('tells errors apart by type, and by their words unless those are our own', () => {
    const real = JSON.stringify(refusal);
    const execution = JSON.stringify({ ...refusal, errorType: 'execution' });
    const reworded = JSON.stringify({ ...refusal, error: 'never' });
    expect(differences(real, execution, { ownWords: true })).toHaveLength(1);
    expect(differences(real, reworded)).toHaveLength(1);
    expect(differences(real, reworded, { ownWords: true })).toEqual([]);
  });

  it('refuses an answer that does not have the form of a Prometheus answer', () => {
    expect(() => differences(JSON.stringify(one), '{}')).toThrow('status');
  });
});

describe('a remote write', () => {
  it('frames its message as a literal, with labels in order and stale markers by their bits', () => {
    const request = writeRequest([
      { labels: { pod: 'a', __name__: 'up' }, points: [{ at: 1, value: Number.NaN, isStale: true }] },
    ]);
    const text = request.toString('latin1');
    expect(text.indexOf('__name__')).toBeLessThan(text.indexOf('pod'));
    expect(request.includes(Buffer.from('020000000000f07f', 'hex'))).toBe(true);
  });
});
