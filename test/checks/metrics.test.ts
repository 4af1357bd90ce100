// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the queries of a config
import { describe, expect, it } from 'vitest';
import { inspectMetrics } from '../../src/checks/metrics.ts';
import type { MetricCheck } from '../../src/model/gate-settings.ts';
import type { Answer, Metrics, Series } from '../../src/ports/prometheus.ts';
import { PrometheusBadQuery } from '../../src/prometheus/prometheus-errors.ts';
import { gateSettings, noRanges } from '../gate/gate-fixtures.ts';
import { plan } from '../mesh/world-fixtures.ts';

const now = 10_000_000;
const series = (value: number, labels: Series['labels'] = { namespace: 'bar', pod: 'bar-1' }) => ({
  labels,
  value,
  at: 0,
});

/** A canary that serves 1,000 requests without a failure; `changes` replaces the answers to queries that contain its keys. */
const answering = (changes: Readonly<Record<string, (at: number | undefined) => readonly Series[] | Answer>> = {}) => {
  const answers: typeof changes = {
    'reporter="destination"': (at) => [series(at === undefined ? 1_000 : 0)],
    'reporter="source"': () => [series(1)],
    pilot_info: () => [series(1)],
    mine: () => [series(1)],
    'vector(1)': () => [series(1)],
    ...changes,
  };
  const asked: string[] = [];
  const metrics: Metrics = {
    ...noRanges,
    query: async (promql, at) => {
      asked.push(`${promql} @ ${at}`);
      const [, answer] = Object.entries(answers).findLast(([part]) => promql.includes(part)) ?? [];
      const said = answer?.(at) ?? [];
      return 'series' in said ? said : { series: said, warnings: [] };
    },
  };
  return { metrics, asked };
};

const mine: MetricCheck = { name: 'errors', query: 'mine{namespace="${namespaces}"}', max: 1, empty: 'hold' };
const inspect = (
  metrics: Metrics,
  { checks = [] as readonly MetricCheck[], started = false, live = ['bar/bar-1'] } = {},
) => inspectMetrics(metrics, plan({ gate: { ...gateSettings, checks } }), { started, now, livePods: async () => live });
const codesOf = async (...asked: Parameters<typeof inspect>) => (await inspect(...asked)).map(({ code }) => code);
const failing = (at: number | undefined) => [
  series(at === undefined ? 500 : 0),
  series(at === undefined ? 20 : 0, { namespace: 'bar', pod: 'bar-1', response_code: '503' }),
];

describe('inspectMetrics', () => {
  it('reports nothing when every gate has data and none fails', async () => {
    await expect(codesOf(answering().metrics, { checks: [mine] })).resolves.toEqual([]);
  });

  it.for<{ code: string; when: string; changes: Parameters<typeof answering>[0] }>([
    {
      code: 'GATE_RED_BEFORE_START',
      when: 'its requests fail already',
      changes: { 'reporter="destination"': failing },
    },
    { code: 'CONTROL_PLANE_NOT_SCRAPED', when: 'istiod is not scraped', changes: { pilot_info: () => [] } },
    { code: 'CHECK_SEES_NOTHING', when: 'no series matches a check', changes: { 'count(mine': () => [] } },
    {
      code: 'CHECK_EMPTY',
      when: 'the query of a check has no result',
      changes: { mine: () => [], 'count(mine': () => [series(1)] },
    },
    {
      code: 'CHECK_WARNS',
      when: 'Prometheus warns about a check',
      changes: { mine: () => ({ series: [series(1)], warnings: ['partial response'] }) },
    },
    { code: 'CHECK_RED_BEFORE_START', when: 'a check is outside its limits', changes: { mine: () => [series(2)] } },
  ])('reports $code when $when', async ({ code, changes }) => {
    await expect(codesOf(answering(changes).metrics, { checks: [mine] })).resolves.toEqual([code]);
  });

  it('takes what the canary failed in the hours before as its yardstick, and does not block for it', async () => {
    const { metrics } = answering({
      'reporter="destination"': failing,
      'offset 21600000ms': () => [
        series(100_000),
        series(4_000, { namespace: 'bar', pod: 'bar-1', response_code: '503' }),
      ],
    });
    await expect(codesOf(metrics)).resolves.toEqual([]);
  });

  it('does not count what a pod fails that terminates, as after a rollback', async () => {
    const { metrics } = answering({ 'reporter="destination"': failing });
    await expect(codesOf(metrics, { live: ['bar/bar-2'] })).resolves.toEqual([]);
  });

  it('does not report failing gates or a removed istiod once the upgrade has begun', async () => {
    const { metrics } = answering({
      'reporter="destination"': failing,
      pilot_info: () => [],
      mine: () => [series(2)],
    });
    await expect(codesOf(metrics, { checks: [mine], started: true })).resolves.toEqual([]);
  });

  it('sends no query twice', async () => {
    const { metrics, asked } = answering();
    await inspect(metrics, { checks: [mine] });
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked).toHaveLength(11);
  });

  it('names the check whose query Prometheus refuses', async () => {
    const { metrics } = answering();
    const refusing: Metrics = {
      ...noRanges,
      query: (promql, at) =>
        promql.startsWith('mine')
          ? Promise.reject(PrometheusBadQuery.of('mine', 'bad_data'))
          : metrics.query(promql, at),
    };
    const [finding, ...others] = await inspect(refusing, {
      checks: [mine, { ...mine, name: 'fine', query: 'vector(1)' }],
    });
    expect(others).toEqual([]);
    expect(finding?.message).toMatch(/^Check "errors": /);
  });
});
