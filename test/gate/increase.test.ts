import { describe, expect, it } from 'vitest';
import { increaseOf, increaseOfEachKnown } from '../../src/gate/increase.ts';
import { gateSettings } from './gate-fixtures.ts';
import { prometheusOf, scraped } from './samples.ts';

const minute = 60_000;
const now = 20 * minute;
const counter = (pod: string, code: string, since: number, valueAt: (at: number) => number) =>
  scraped({ __name__: 'requests', namespace: 'bar', pod, code }, [since, now], valueAt);
const requests = 'requests{namespace="bar"}';
const sumOf = async (query: string, series: readonly ReturnType<typeof counter>[]) =>
  (await prometheusOf(series).metrics.query(query, now)).series.map(({ value }) => value);

describe('how much counters have grown', () => {
  const known = counter('a', '200', 0, (at) => (at < now - minute ? 100 : 150));
  const first = counter('a', '503', now - minute, () => 7);
  const reset = counter('b', '200', 0, (at) => (at < now - minute ? 100 : 20));
  const other = counter('gateway', '503', now - minute, () => 4_000);
  const ofAll = increaseOf(requests, 5 * minute, 'namespace');
  const ofKnown = `sum by (namespace) (${increaseOfEachKnown(requests, 5 * minute, gateSettings.labels)})`;

  it('counts the first value of a new series in full, which rate() cannot (prometheus/prometheus#3886)', async () => {
    for (const query of [ofAll, ofKnown]) expect(await sumOf(query, [known, first])).toEqual([57]);
  });

  it('counts a reset counter from zero', async () => {
    for (const query of [ofAll, ofKnown]) expect(await sumOf(query, [reset])).toEqual([20]);
  });

  it('does not count the whole life of a pod that others started and that was not scraped before', async () => {
    expect(await sumOf(ofKnown, [known, other])).toEqual([50]);
    expect(await sumOf(ofAll, [known, other])).toEqual([4_050]);
  });
});
