// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the queries of a config
import { describe, expect, it } from 'vitest';
import type { RawSeries } from '../../harness/rehearsal/sim/metrics/sample-store.ts';
import { collectEvidence, type Occasion } from '../../src/gate/collect-evidence.ts';
import { judgeGate } from '../../src/gate/judge.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import type { Answer, Metrics, RangeAnswer } from '../../src/ports/prometheus.ts';
import { gateSettings } from './gate-fixtures.ts';
import { prometheusOf, scraped } from './samples.ts';

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

/** A pod that is scraped since before the wave, or since it began; it counts requests in the last minutes. */
function pod(
  name: string,
  { tag = '1.31.0', since = look.startedAt, namespace = 'bar', codes = { '200': 96, '503': 4 } } = {},
) {
  const target = { namespace, pod: name };
  const of = { ...target, reporter: 'destination', destination_workload: 'bar', response_flags: '-' };
  return [
    scraped({ __name__: 'istio_build', ...target, tag }, [since, now], () => 1),
    ...Object.entries(codes).map(([code, count]) =>
      scraped({ __name__: 'istio_requests_total', ...of, response_code: code }, [since, now], (at) =>
        at < now - 60_000 ? 0 : count,
      ),
    ),
  ];
}
const old = { tag: '1.30.4', since: look.startedAt - 600_000, codes: { '200': 1, '503': 50 } };
const named = (names: readonly string[]) => new Map(names.map((name) => [`bar/${name}`, 'Deployment bar/bar']));
/** So many pods of the wave that their names are not sent. */
const many = Array.from({ length: 150 }, (_, index) => `new-${index}`);
const idle = (name: string) => pod(name, { codes: { '200': 0, '503': 0 } });

/** Pods with six hours of requests and durations, some of which fail, before the wave and in it. */
function busyPods(namespace: string): RawSeries[] {
  const hours: readonly [number, number] = [look.startedAt - 7 * 3_600_000, now];
  const target = { namespace, pod: 'new', reporter: 'destination', destination_workload: 'app' };
  const at = (perSecond: number) => (moment: number) => (perSecond * (moment - hours[0])) / 1000;
  return [
    scraped({ __name__: 'istio_build', namespace, pod: 'new', tag: '1.31.0' }, hours, () => 1, 60_000),
    scraped({ __name__: 'istio_requests_total', ...target, response_code: '200' }, hours, at(10), 60_000),
    scraped({ __name__: 'istio_requests_total', ...target, response_code: '503' }, hours, at(0.01), 60_000),
    scraped({ __name__: durations, ...target, le: '10' }, hours, at(9.99), 60_000),
    scraped({ __name__: durations, ...target, le: '+Inf' }, hours, at(10), 60_000),
  ];
}
const durations = 'istio_request_duration_milliseconds_bucket';

describe('collectEvidence', () => {
  it('has the text of each question beside the gate that asked it, with the moment or the range', async () => {
    const { metrics, asked, ranges } = prometheus();
    const { queries = {} } = await evidenceOn(metrics);
    const all = Object.values(queries).flat();
    expect(queries.freshness).toEqual([{ query: expect.stringContaining('istio_build'), at: now }, expect.anything()]);
    expect(queries.serverSide).toContainEqual({ query: expect.stringContaining('istio_requests_total'), at: now });
    expect(queries.serverSide).toContainEqual({
      query: expect.stringContaining('istio_requests_total'),
      from: expect.any(Number),
      at: look.startedAt,
      stepMs: 900_000,
    });
    for (const { query, at, stepMs } of all)
      expect(stepMs === undefined ? asked.filter((each) => each.endsWith(` @ ${at}`)) : ranges).toContainEqual(
        expect.stringContaining(query),
      );
  });

  const pods = [...pod('new'), ...many.flatMap(idle)];
  it.for([
    {
      from: 'no other pod',
      own: ['new'],
      series: pod('new'),
    },
    { from: 'others, by their names', own: ['new'], series: [...pod('new'), ...pod('old', old)] },
    {
      from: 'others, by the release that they run, where there are many',
      own: ['new', ...many],
      series: [...pods, ...pod('old', old)],
    },
    {
      from: 'few of the same release, by the names of these',
      own: ['new', ...many],
      series: [...pods, ...pod('job', { codes: old.codes }), ...pod('old', old)],
    },
    {
      from: 'many of the same release, pod by pod',
      own: ['new', ...many],
      series: [...pods, ...many.flatMap((name) => pod(`job-${name}`, { codes: old.codes }))],
    },
    {
      from: 'others where Prometheus keeps no istio_build',
      own: ['new'],
      series: [...pod('new'), ...pod('old', old)].filter(({ labels }) => labels['__name__'] !== 'istio_build'),
    },
  ])(
    'counts the requests of pods of the new revision alone, in each window, told from $from',
    async ({ own, series }) => {
      const { metrics } = prometheusOf(series);
      const { gates } = await evidenceOn(metrics, { ...look, pods: named(own) });
      expect(gates.freshness).toBe(own.length);
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
    },
  );

  it('tells pods of one name in two namespaces apart', async () => {
    const { metrics } = prometheusOf([...pod('db-0'), ...pod('db-0', { ...old, namespace: 'foo' })]);
    const wave = { ...look, namespaces: ['bar', 'foo'], pods: named(['db-0']) };
    expect((await evidenceOn(metrics, wave)).gates.serverSide).toMatchObject({ requests: 100, errors: 4 });
  });

  it('asks for the requests of pods by pod of none but the worst, of which there are at most five', async () => {
    const failing = many.flatMap((name, index) => pod(name, { codes: { '200': 100, '503': index } }));
    const { asked, metrics } = prometheusOf(failing);
    const { gates } = await evidenceOn(metrics, { ...look, pods: named(many) });
    expect(gates.serverSide.worst.map(({ errors }) => errors)).toEqual([149, 148, 147, 146, 145]);
    const byPod = asked.filter(
      (promql) => /sum by \([^)]*\bpod\b[^)]*\) \(*istio_requests/.test(promql) && !promql.includes('topk(5'),
    );
    expect(byPod).toEqual([]);
  });

  it('is answered with no more series for many pods than for few, but for their scrapes', async () => {
    const seriesFor = async (count: number) => {
      const names = Array.from({ length: count }, (_, index) => `new-${index}`);
      const { metrics } = prometheusOf([...names.flatMap((name) => pod(name)), ...pod('old', old)]);
      let series = 0;
      const counting: Metrics = {
        ...metrics,
        query: async (promql, at) => {
          const answer = await metrics.query(promql, at);
          if (!promql.startsWith('max by (namespace, pod')) series += answer.series.length;
          return answer;
        },
      };
      const { gates } = await evidenceOn(counting, { ...look, pods: named(names) });
      expect(gates.serverSide.errors).toBe(4 * count);
      return series;
    };
    expect(await seriesFor(300)).toBe(await seriesFor(150));
  });

  it('takes requests for a sign of a scrape only where istio_build is not kept', async () => {
    const isOfRequests = (promql: string) => /timestamp\([^)]*istio_requests_total/.test(promql);
    const all = pod('new');
    const { asked, metrics } = prometheusOf(all);
    await evidenceOn(metrics);
    expect(asked.filter(isOfRequests)).toEqual([]);
    const without = prometheusOf(all.filter(({ labels }) => labels['__name__'] !== 'istio_build'));
    expect((await evidenceOn(without.metrics)).gates.freshness).toBe(1);
    expect(without.asked.filter(isOfRequests)).toHaveLength(1);
  });

  it('judges nothing by a history that cannot be read', async () => {
    const { metrics } = prometheusOf(pod('new'));
    const range = () => Promise.reject(new Error('connection refused'));
    const evidence = await evidenceOn({ ...metrics, range });
    expect(evidence).toMatchObject({
      gates: { serverSide: { errors: 4, classes: {} } },
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
    const calls = asked.flatMap(
      (promql) => promql.match(/sum by[^=]*istio_requests_total.reporter="source", namespace=~"bar", [^}]*/g) ?? [],
    );
    expect(calls.map((promql) => /destination_service!~"[^"]*"/.exec(promql)?.[0])).toEqual([
      'destination_service!~".*[.](baz|foo)[.]svc[.].*"',
      'destination_service!~".*[.](baz|foo)[.]svc[.].*"',
      'destination_service!~".*[.](foo)[.]svc[.].*"',
    ]);
  });

  it('counts the cost of a restart for its own wave alone, in windows that other waves share', async () => {
    const { asked, metrics } = prometheus();
    const begun = [
      { namespaces: ['bar'], readyAt: readyAt - 600_000 },
      // Ready when the sliding window began, and settled after.
      { namespaces: ['baz'], readyAt: now - gateSettings.watchMs - 30_000 },
    ];
    const passed = { ...look, readyAt: readyAt - 600_000, passed: true };
    const next = { ...look, wave: 'next', namespaces: ['baz'], readyAt: now - gateSettings.watchMs - 30_000 };
    await collectEvidence(metrics, [passed, next], { now, begun }, gateSettings);
    const recent = asked.flatMap((promql) => promql.match(/reporter="source", namespace=~"bar[|]baz"[^}]*/g) ?? []);
    expect(new Set(recent)).toEqual(new Set([expect.stringContaining('destination_service!~".*[.](baz)[.]svc[.].*"')]));
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

  it('asks at most 20 queries a look, however many waves are watched beside the one that bakes', async () => {
    const names = Array.from({ length: 41 }, (_, index) => `ns-${index}`);
    const { asked, metrics } = prometheusOf(names.flatMap(busyPods));
    const waves = names.map((namespace, index) => ({
      ...look,
      wave: `wave-${index}`,
      namespaces: [namespace],
      pods: new Map([[`${namespace}/new`, `Deployment ${namespace}/app`]]),
      ready: new Set([`Deployment ${namespace}/app`]),
      passed: index > 0,
    }));
    const gateways = { ...look, wave: 'gateways', namespaces: ['ns-0'], only: new Set(['ns-0/gateway']), passed: true };
    const lookAt = async (some: readonly Occasion[], at: number) => {
      const evidence = await collectEvidence(metrics, some, { now: at, begun: waves }, gateSettings);
      expect(evidence[0]?.distrust).toEqual([]);
      return asked.splice(0).length;
    };
    const first = await lookAt(waves.slice(0, 1), now - 30_000);
    const alone = await lookAt(waves.slice(0, 1), now - 15_000);
    expect(alone).toBeLessThan(first);
    await lookAt([...waves, gateways], now - 1);
    const all = await lookAt([...waves, gateways], now);
    expect(all).toBeLessThanOrEqual(20);
    // Of the gateways it is not known beforehand whether they are scraped as others are.
    expect(all - alone).toBeLessThanOrEqual(1);
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
