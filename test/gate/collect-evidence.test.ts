// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the queries of a config
import { describe, expect, it } from 'vitest';
import { collectEvidence, type Occasion } from '../../src/gate/collect-evidence.ts';
import { judgeGate } from '../../src/gate/judge.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import type { Answer, Metrics, RangeAnswer } from '../../src/ports/prometheus.ts';
import { gateSettings } from './gate-fixtures.ts';

const readyAt = 1_000_000;
const now = readyAt + 700_000;
const look: Occasion = {
  wave: 'canary',
  namespaces: ['bar'],
  pods: new Map([['bar/new', 'Deployment bar/bar']]),
  ready: new Set(['Deployment bar/bar']),
  istiod: 'istiod-1-31-0',
  startedAt: readyAt - 10_000,
  readyAt,
  passed: false,
  variables: { revision: '1-31-0', from: '1-30-4' },
};
const none: Answer = { series: [], warnings: [] };

/** Records each query; answers queries by their text, and ranges with nothing. */
function prometheus(answer: (promql: string) => Answer = () => none, range: () => RangeAnswer = () => none as never) {
  const asked: string[] = [];
  const ranges: string[] = [];
  const metrics: Metrics = {
    query: async (promql, at) => {
      asked.push(`${promql} @ ${at}`);
      return answer(promql);
    },
    range: async (promql) => {
      ranges.push(promql);
      return range();
    },
  };
  return { asked, ranges, metrics };
}

async function evidenceOn(metrics: Metrics, occasion: Occasion = look, at = now): Promise<Evidence> {
  const [evidence] = await collectEvidence(
    metrics,
    [occasion],
    { now: at, begun: [{ namespaces: ['bar'], readyAt }] },
    gateSettings,
  );
  if (evidence === undefined) throw new Error('there is no evidence');
  return evidence;
}

const served = (value: number, code = '503', pod = 'new') => ({
  labels: { namespace: 'bar', pod, destination_workload: 'bar', response_code: code },
  value,
  at: 0,
});
const isServed = (promql: string) =>
  promql.includes('reporter="destination", namespace=~"bar"') && promql.includes('pod');

describe('collectEvidence', () => {
  it('has the text of each query beside the gate that asked it, with the moment or the range', async () => {
    const { metrics, asked, ranges } = prometheus();
    const { queries = {} } = await evidenceOn(metrics);
    const all = Object.values(queries).flat();
    expect(queries.serverSide).toContainEqual({ query: expect.stringContaining('istio_requests_total'), at: now });
    expect(queries.serverSide).toContainEqual({
      query: expect.stringContaining('istio_requests_total'),
      from: expect.any(Number),
      at: look.startedAt,
      stepMs: 900_000,
    });
    for (const { query, at, stepMs } of all)
      expect(stepMs === undefined ? asked : ranges).toContain(stepMs === undefined ? `${query} @ ${at}` : query);
  });

  it('counts the requests of pods of the new revision alone, in each window', async () => {
    const { metrics } = prometheus((promql) =>
      isServed(promql) ? { series: [served(4), served(96, '200'), served(50, '503', 'old')], warnings: [] } : none,
    );
    const { gates } = await evidenceOn(metrics);
    expect(gates.serverSide).toMatchObject({
      requests: 100,
      errors: 4,
      worst: [{ pod: 'bar/new', requests: 100, errors: 4 }],
      classes: {
        error: [
          { windows: { ready: { own: { requests: 100, errors: 4 } }, settled: { own: { requests: 100 } } } },
          { part: 'bar/bar', windows: { recent: { own: { errors: 4 } } } },
        ],
        refusal: [{ windows: { settled: { own: { requests: 100, errors: 0 } } } }],
      },
    });
  });

  it('judges nothing by a history that cannot be read', async () => {
    const { metrics } = prometheus(
      (promql) => (isServed(promql) ? { series: [served(400)], warnings: [] } : none),
      () => {
        throw new Error('connection refused');
      },
    );
    const evidence = await evidenceOn(metrics);
    expect(evidence).toMatchObject({
      gates: { serverSide: { errors: 400, classes: {} } },
      distrust: ['connection refused'],
    });
    expect(judgeGate(evidence, gateSettings, now).verdict).toBe('hold');
  });

  it('distrusts an answer with a warning', async () => {
    const { metrics } = prometheus(() => ({ series: [], warnings: ['partial response'] }));
    expect((await evidenceOn(metrics)).distrust).toEqual(['Prometheus warns: partial response']);
  });

  it('sends no query before there can be a sample', async () => {
    const { asked, ranges, metrics } = prometheus();
    expect((await evidenceOn(metrics, look, readyAt)).distrust).toEqual(['there is no sample since it was ready']);
    expect([...asked, ...ranges]).toEqual([]);
  });

  it('looks at the pods of a wave that moves, and not at its clients, who see what restarts cost', async () => {
    const { asked, metrics } = prometheus();
    const { readyAt: _readyAt, ...moving } = look;
    expect(await evidenceOn(metrics, moving)).toMatchObject({ mode: 'moving', since: look.startedAt });
    expect(asked.filter((promql) => promql.includes('destination_service_namespace'))).toEqual([]);
  });

  it('counts no calls of a wave to namespaces whose pods are being replaced, in any window that has a part of it', async () => {
    const { asked, metrics } = prometheus();
    const begun = [
      { namespaces: ['bar'], readyAt },
      { namespaces: ['baz'], readyAt: readyAt + 60_000 },
      { namespaces: ['foo'] },
    ];
    await collectEvidence(metrics, [look], { now, begun }, gateSettings);
    const calls = asked.filter((promql) => /istio_requests_total.reporter="source", namespace=~"bar"/.test(promql));
    expect(calls.map((promql) => /destination_service!~"[^"]*"/.exec(promql)?.[0])).toEqual([
      'destination_service!~".*[.](baz|foo)[.]svc[.].*"',
      'destination_service!~".*[.](baz|foo)[.]svc[.].*"',
      'destination_service!~".*[.](foo)[.]svc[.].*"',
    ]);
  });

  it('asks no query twice, and for the history once', async () => {
    const { asked, ranges, metrics } = prometheus();
    await evidenceOn(metrics);
    expect(new Set(asked).size).toBe(asked.length);
    const before = ranges.length;
    expect(before).toBeGreaterThan(0);
    await evidenceOn(metrics, look, now + 15_000);
    expect(ranges).toHaveLength(before);
  });

  it('asks at most 28 queries a look, however many waves are watched beside the one that bakes', async () => {
    const count = 41;
    const parts = Array.from({ length: count }, (_, index) => ({
      namespace: `ns-${index}`,
      destination_workload: 'app',
      pod: 'new',
    }));
    const of = (value: number, more = {}) => parts.map((labels) => ({ labels: { ...labels, ...more }, value, at: 0 }));
    // A history of durations and of traffic, so that slow and missing requests are asked for too.
    const { asked, metrics } = prometheus((promql) => {
      if (promql.startsWith('count_over_time')) return { series: of(72), warnings: [] };
      if (promql.includes('le)'))
        return { series: [...of(99, { le: '10.0' }), ...of(100, { le: '+Inf' })], warnings: [] };
      return { series: of(1_000, { response_code: '200' }), warnings: [] };
    });
    const waves = parts.map(({ namespace }, index) => ({
      ...look,
      wave: `wave-${index}`,
      namespaces: [namespace],
      pods: new Map([[`${namespace}/new`, `Deployment ${namespace}/app`]]),
      ready: new Set([`Deployment ${namespace}/app`]),
      passed: index > 0,
    }));
    const begun = waves;
    const lookAt = async (some: typeof waves, at: number) => {
      await collectEvidence(metrics, some, { now: at, begun }, gateSettings);
      asked.length = 0;
      await collectEvidence(metrics, some, { now: at + 15_000, begun }, gateSettings);
      return asked.length;
    };
    const alone = await lookAt(waves.slice(0, 1), now);
    expect(alone).toBeLessThanOrEqual(24);
    expect(await lookAt(waves, now + 60_000)).toBeLessThanOrEqual(28);
  });

  it('sends one query more for each check of the config', async () => {
    const { asked, metrics } = prometheus();
    const checks = [{ name: 'mine', query: 'up{namespace="${namespaces}"}', max: 1, empty: 'hold' as const }];
    const [evidence] = await collectEvidence(
      metrics,
      [look],
      { now, begun: [{ namespaces: ['bar'], readyAt }] },
      { ...gateSettings, checks },
    );
    expect(asked.filter((promql) => promql.startsWith('up{'))).toHaveLength(1);
    expect(evidence?.gates.checks).toEqual([{ ...checks[0], query: 'up{namespace="bar"}', values: [] }]);
  });

  it('adds the matchers of the config to every built-in query', async () => {
    const { asked, ranges, metrics } = prometheus();
    await collectEvidence(
      metrics,
      [look],
      { now, begun: [{ namespaces: ['bar'], readyAt }] },
      { ...gateSettings, match: 'cluster="prod-1"' },
    );
    expect([...asked, ...ranges].filter((promql) => !promql.includes('cluster="prod-1"'))).toEqual([]);
  });

  it('does not count an istiod without fresh samples as zero', async () => {
    const { gates } = await evidenceOn(prometheus().metrics);
    expect(gates).toMatchObject({ controlPlane: false, xdsRejects: 'unseen', injectionFailures: 'unseen' });
  });
});
