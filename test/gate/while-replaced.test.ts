import { describe, expect, it } from 'vitest';
import type { RawSeries } from '../../harness/rehearsal/sim/metrics/sample-store.ts';
import { countWhileReplaced, type Replaced } from '../../src/gate/while-replaced.ts';
import type { Metrics } from '../../src/ports/prometheus.ts';
import { PrometheusUnreachable } from '../../src/prometheus/prometheus-errors.ts';
import { gateSettings, noRanges } from './gate-fixtures.ts';
import { prometheusOf, scraped } from './samples.ts';

const readyAt = 1_005_000;
const startedAt = readyAt - 60_000;
const look: Replaced = {
  wave: 'canary',
  namespaces: ['bar'],
  istiod: 'istiod-1-31-0',
  startedAt,
  readyAt,
  variables: { revision: '1-31-0', from: '1-30-4' },
  settings: gateSettings,
};

interface Calls {
  namespace?: string;
  code?: string;
  flags?: string;
  before?: number;
  after: number;
  /** Whether the pod was scraped before the wave began. */
  isNew?: boolean;
  /** When its last sample was, milliseconds before the wave was ready. */
  endedMs?: number;
}

/** Calls of one pod to the wave, which it makes in the middle of the restart. */
const calls = (
  pod: string,
  { namespace = 'foo', code = '200', flags = '-', before = 0, after, isNew = false, endedMs = 0 }: Calls,
): RawSeries =>
  scraped(
    {
      __name__: 'istio_requests_total',
      reporter: 'source',
      destination_service_namespace: 'bar',
      namespace,
      pod,
      response_code: code,
      response_flags: flags,
    },
    [isNew ? startedAt + 15_000 : startedAt - 60_000, readyAt - endedMs],
    (at) => (at < startedAt + 30_000 ? before : after),
  );

describe('requests while the pods of a wave are replaced', () => {
  it.for([
    {
      are: { requests: 100, errors: 0, flags: {} },
      when: 'all are served',
      series: [calls('caller', { before: 900, after: 1_000 })],
    },
    {
      are: { requests: 106, errors: 6, flags: { UC: 4, 'URX,UF': 2 } },
      when: 'connections end and are refused, by their flags',
      series: [
        calls('caller', { before: 900, after: 1_000 }),
        calls('caller', { code: '503', flags: 'UC', before: 1, after: 5 }),
        calls('caller', { code: '503', flags: 'URX,UF', after: 2, isNew: true }),
      ],
    },
    {
      are: { requests: 7, errors: 7, flags: { '-': 7 } },
      when: 'the answers of servers fail',
      series: [calls('caller', { after: 0 }), calls('caller', { code: '500', after: 7, isNew: true })],
    },
    {
      are: { requests: 10, errors: 0, flags: {} },
      when: 'a client hangs up',
      series: [calls('caller', { after: 0 }), calls('caller', { code: '0', flags: 'DC', after: 10, isNew: true })],
    },
    {
      are: { requests: 5, errors: 0, flags: {} },
      when: 'the caller ends meanwhile',
      series: [calls('caller', { after: 5, endedMs: 15_000 })],
    },
    {
      are: { requests: 3, errors: 3, flags: { UC: 3 } },
      when: 'the caller is a new pod of the wave',
      series: [calls('new', { namespace: 'bar', code: '503', flags: 'UC', after: 3, isNew: true })],
    },
    {
      are: { requests: 0, errors: 0, flags: {} },
      when: 'it is not known when a caller counted',
      series: [calls('elsewhere', { code: '503', flags: 'UC', after: 3, isNew: true })],
    },
  ])('are $are when $when', async ({ are, series }) => {
    const { asked, metrics } = prometheusOf(series);
    expect(await countWhileReplaced(metrics, look)).toEqual({ ...are, durationMs: 60_000 });
    expect(asked).toHaveLength(1);
  });

  it('are counted over at least one scrape', async () => {
    const { asked, metrics } = prometheusOf([]);
    await countWhileReplaced(metrics, { ...look, startedAt: readyAt - 2_000 });
    expect(asked[0]).toContain(' offset 15s');
  });

  it('are queried once for each wave', async () => {
    const { asked, metrics } = prometheusOf([]);
    for (const wave of ['canary', 'rest', 'canary']) await countWhileReplaced(metrics, { ...look, wave });
    expect(asked).toHaveLength(2);
  });

  it('are unknown while Prometheus does not answer, and known when it answers again', async () => {
    const { metrics } = prometheusOf([calls('caller', { code: '503', flags: 'UC', after: 1 })]);
    let isDown = true;
    const shaky: Metrics = {
      ...noRanges,
      query: (promql, at) => {
        if (isDown) throw PrometheusUnreachable.of('http://prometheus', 'connection refused');
        return metrics.query(promql, at);
      },
    };
    expect(await countWhileReplaced(shaky, look)).toBeUndefined();
    isDown = false;
    expect(await countWhileReplaced(shaky, look)).toMatchObject({ errors: 1 });
  });
});
