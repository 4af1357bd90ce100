import { describe, expect, it } from 'vitest';
import { failureOf, matchersOf, sumByEnding } from '../../src/gate/endings.ts';
import { failureClassOf, rows } from '../../src/gate/failures.ts';
import { prometheusOf, scraped } from './samples.ts';

const codes = ['0', ...Array.from({ length: 500 }, (_, index) => String(100 + index))];
const flags = ['-', '', ...rows.flatMap((row) => (row.label === 'response_flags' ? row.values : (row.flags ?? [])))];
const statuses = ['', ...Array.from({ length: 17 }, (_, index) => String(index))];

describe('requests by how they ended', () => {
  it('fail as their own labels say, whichever of them are summed together', async () => {
    const endings = [
      ...codes.flatMap((code) => flags.map((flag) => ({ code, flag, status: '' }))),
      ...statuses.flatMap((status) => flags.map((flag) => ({ code: '200', flag, status }))),
      { code: '', flag: '', status: '' },
    ].map(({ code, flag, status }) => ({
      response_code: code,
      response_flags: flag,
      ...(status !== '' && { grpc_response_status: status }),
    }));
    const { metrics } = prometheusOf(
      endings.map((labels, index) =>
        scraped({ __name__: 'requests', pod: `pod-${index}`, workload: 'bar', ...labels }, [0, 60_000], () => 1),
      ),
    );
    const { series } = await metrics.query(sumByEnding(['workload'], 'requests'), 60_000);
    const countOf = (failures: readonly (readonly [string | undefined, number])[]) =>
      Object.fromEntries(
        [...Map.groupBy(failures, ([failure]) => failure)].map(([failure, all]) => [
          failure,
          all.reduce((sum, [, count]) => sum + count, 0),
        ]),
      );
    expect(countOf(series.map(({ labels, value }) => [failureOf(labels), value]))).toEqual(
      countOf(endings.map((labels) => [failureClassOf(labels), 1])),
    );
    // All plain successes are one series.
    const plain = series.filter(({ labels }) => labels['ended'] === undefined);
    expect(plain.map(({ labels, value }) => ({ ...labels, isMany: value > 700 }))).toEqual([
      { workload: 'bar', isMany: true },
    ]);
  });

  it('are found again by the labels of one ending', () => {
    expect(matchersOf({ ended: '503;;URX,UF' })).toBe(
      'response_code="503", grpc_response_status="", response_flags="URX,UF"',
    );
  });
});
