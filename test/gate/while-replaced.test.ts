import { describe, expect, it } from 'vitest';
import { countWhileReplaced, type Replaced } from '../../src/gate/while-replaced.ts';
import type { Answer, Metrics, Series } from '../../src/ports/prometheus.ts';
import { PrometheusUnreachable } from '../../src/prometheus/prometheus-errors.ts';
import { gateSettings, noRanges } from './gate-fixtures.ts';

const readyAt = 1_000_000;
const look: Replaced = {
  wave: 'canary',
  namespaces: ['bar'],
  pods: new Map([['bar/new', 'Deployment bar/bar']]),
  istiod: 'istiod-1-31-0',
  startedAt: readyAt - 60_000,
  readyAt,
  variables: { revision: '1-31-0', from: '1-30-4' },
  settings: gateSettings,
};

const series = (pod: string, value: number, code = '200', flags = '-'): Series => ({
  labels: { namespace: 'bar', pod, response_code: code, response_flags: flags },
  value,
  at: 0,
});

/** Answers by the time of the question. */
const prometheus = (before: readonly Series[], after: readonly Series[]) => {
  const asked: { promql: string; at: number | undefined }[] = [];
  const query = async (promql: string, at?: number): Promise<Answer> => {
    asked.push({ promql, at });
    return { series: at === readyAt ? after : before, warnings: [] };
  };
  return { asked, metrics: { ...noRanges, query } satisfies Metrics };
};

describe('requests while the pods of a wave are replaced', () => {
  it.for([
    {
      are: { requests: 100, errors: 0, flags: {} },
      when: 'all are served',
      before: [series('caller', 900)],
      after: [series('caller', 1_000)],
    },
    {
      are: { requests: 106, errors: 6, flags: { UC: 4, 'URX,UF': 2 } },
      when: 'connections end and are refused, by their flags',
      before: [series('caller', 900), series('caller', 1, '503', 'UC')],
      after: [series('caller', 1_000), series('caller', 5, '503', 'UC'), series('caller', 2, '503', 'URX,UF')],
    },
    {
      are: { requests: 7, errors: 7, flags: { '-': 7 } },
      when: 'the answers of servers fail',
      before: [series('caller', 0)],
      after: [series('caller', 7, '500')],
    },
    {
      are: { requests: 10, errors: 0, flags: {} },
      when: 'a client hangs up',
      before: [series('caller', 0)],
      after: [series('caller', 10, '0', 'DC')],
    },
    {
      are: { requests: 3, errors: 3, flags: { UC: 3 } },
      when: 'the caller is a new pod of the wave',
      before: [],
      after: [series('new', 3, '503', 'UC')],
    },
    {
      are: { requests: 0, errors: 0, flags: {} },
      when: 'it is not known when a caller counted',
      before: [],
      after: [series('elsewhere', 3, '503', 'UC')],
    },
  ])('are $are when $when', async ({ are, before, after }) => {
    const { metrics } = prometheus(before, after);
    expect(await countWhileReplaced(metrics, look)).toEqual({ ...are, durationMs: 60_000 });
  });

  it('are counted from the first restart to the last ready pod, also of callers that ended meanwhile', async () => {
    const { asked, metrics } = prometheus([], []);
    await countWhileReplaced(metrics, look);
    expect(asked.map(({ at }) => at)).toEqual([look.startedAt, readyAt]);
    expect(asked[0]?.promql).toMatch(/\(istio_requests_total\{reporter="source", .*\}\)$/);
    expect(asked[1]?.promql).toMatch(/\(max_over_time\(istio_requests_total\{reporter="source", .*\}\[60s\]\)\)$/);
  });

  it('are counted over at least one scrape', async () => {
    const { asked, metrics } = prometheus([], []);
    await countWhileReplaced(metrics, { ...look, startedAt: readyAt - 2_000 });
    expect(asked.map(({ at }) => at)).toEqual([readyAt - gateSettings.intervalMs, readyAt]);
  });

  it('are queried once for each wave', async () => {
    const { asked, metrics } = prometheus([], []);
    for (const wave of ['canary', 'rest', 'canary']) await countWhileReplaced(metrics, { ...look, wave });
    expect(asked).toHaveLength(4);
  });

  it('are unknown while Prometheus does not answer, and known when it answers again', async () => {
    const { metrics } = prometheus([series('caller', 0)], [series('caller', 1, '503', 'UC')]);
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
