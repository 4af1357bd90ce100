import { describe, expect, it } from 'vitest';
import { simulatedInstant } from '../../harness/proof/contract/promql/simulated-answer.ts';
import { MemoryStore } from '../../harness/rehearsal/sim/metrics/memory-store.ts';
import { inspectMetricSources } from '../../src/checks/metric-sources.ts';
import { answered } from '../../src/gate/asking.ts';
import type { Beforehand } from '../../src/gate/gate.ts';
import type { MetricCheck } from '../../src/model/gate-settings.ts';
import { readAnswer } from '../../src/prometheus/read-answer.ts';
import { gateSettings } from '../gate/gate-fixtures.ts';

const now = Date.UTC(2026, 0, 1);
type Labels = Readonly<Record<string, string>>;

const proxy = (pod: string, labels: Labels = {}): Labels => ({
  __name__: 'istio_requests_total',
  namespace: 'bar',
  pod,
  ...labels,
});
const istiod = (pod: string, labels: Labels = {}): Labels => ({
  __name__: 'pilot_info',
  namespace: 'istio-system',
  pod,
  ...labels,
});
/** A cluster of two pods and an istiod; every pod exports two series. */
const cluster = (name: string, labels: Labels) =>
  [
    proxy(`bar-${name}`, { ...labels, response_code: '200' }),
    proxy(`bar-${name}`, { ...labels, response_code: '503' }),
    proxy('db-0', labels),
    istiod(`istiod-${name}`, labels),
  ] as const;
const live = new Set(['bar/bar-a', 'bar/bar-a2', 'bar/db-0', 'istio-system/istiod-a']);

/** Evaluates the queries as Prometheus would on these series. */
async function found(series: readonly Labels[], match = '', checks: readonly MetricCheck[] = []) {
  const store = new MemoryStore(series.map((labels) => ({ labels, points: [{ at: now - 5_000, value: 1 }] })));
  const beforehand: Beforehand = {
    wave: 'canary',
    namespaces: ['bar'],
    istiod: 'istiod-1-30-4',
    variables: { revision: '1-31-0', from: '1-30-4' },
    settings: { ...gateSettings, match, checks },
    pods: live,
    started: false,
    now,
  };
  const findings = await answered(inspectMetricSources(beforehand, live), async ({ query }) =>
    readAnswer({ headers: {}, ...simulatedInstant(query, store, now) }, query, 'http://prometheus'),
  );
  return findings.map(({ code, severity, message, fix }) => ({ code, severity, message, fix }));
}

describe('the sources of metrics', () => {
  it.for([
    { of: 'one cluster without a label', series: cluster('a', {}) },
    { of: 'one cluster with a label', series: cluster('a', { cluster: 'prod-1' }) },
    { of: 'no cluster, as before the first scrape', series: [] },
    {
      of: 'two clusters, one of them matched',
      series: [...cluster('a', { cluster: 'prod-1' }), ...cluster('b', { cluster: 'prod-2' })],
      match: 'cluster="prod-1"',
    },
    {
      of: 'one cluster whose scrape jobs give its label only to some series',
      series: [proxy('bar-a'), proxy('bar-a2', { cluster: 'prod-1' }), istiod('istiod-a')],
    },
    {
      of: 'one cluster whose shards of Prometheus have other pods each',
      series: [proxy('bar-a', { prometheus_replica: 'shard-0' }), proxy('bar-b', { prometheus_replica: 'shard-1' })],
    },
  ])('of $of need no word', async ({ series, match }) => {
    expect(await found(series, match)).toEqual([]);
  });

  it('block if several clusters answer, and the fix is the line that names this one', async () => {
    const three = ['a', 'b', 'c'].flatMap((name) => cluster(name, { cluster: `prod-${name}` }));
    expect(await found(three)).toEqual([
      {
        code: 'SEVERAL_CLUSTERS_ANSWER',
        severity: 'blocks',
        message:
          'Series of other clusters answer: their cluster is "prod-b", "prod-c"; "prod-a" has the pods of this cluster.',
        fix: 'Write match: { cluster: prod-a } under gate.prometheus (docs/prometheus.md).',
      },
    ]);
  });

  it('block if only the istiods are of several clusters', async () => {
    const series = [
      proxy('bar-a', { cluster: 'one' }),
      istiod('istiod-a', { cluster: 'one' }),
      istiod('i', { cluster: 'two' }),
    ];
    expect(await found(series)).toMatchObject([{ code: 'SEVERAL_CLUSTERS_ANSWER' }]);
  });

  it.for([
    {
      when: 'this cluster is the one without a label',
      series: [...cluster('a', {}), ...cluster('b', { cluster: 'edge' })],
      match: '',
      fix: 'Write match: { cluster: "" } under',
    },
    {
      when: 'a value would be no text in YAML',
      series: [...cluster('a', { k8s_cluster_name: '12' }), ...cluster('b', { k8s_cluster_name: '13' })],
      match: '',
      fix: 'Write match: { k8s_cluster_name: "12" } under',
    },
    {
      when: 'there are matchers that select more than one cluster',
      series: [
        ...cluster('a', { region: 'eu', cluster: 'prod-1' }),
        ...cluster('b', { region: 'eu', cluster: 'prod-2' }),
        ...cluster('c', { region: 'us', cluster: 'prod-3' }),
      ],
      match: 'region="eu"',
      fix: 'Add cluster: prod-1 to match under',
    },
    {
      when: 'the first label is the same in two clusters, and another tells them apart',
      series: [
        ...cluster('a', { cluster: 'prod', cluster_id: 'x' }),
        ...cluster('b', { cluster: 'prod', cluster_id: 'y' }),
        ...cluster('c', { cluster: 'prod', cluster_id: 'z' }),
      ],
      match: '',
      fix: 'Write match: { cluster_id: x } under',
    },
    {
      when: 'no pod has a name that only this cluster uses',
      series: [proxy('db-0', { cluster: 'prod-1' }), proxy('db-0', { cluster: 'prod-2' })],
      match: '',
      fix: 'Name this cluster by a label under gate.prometheus',
    },
  ])('name in the fix what the config lacks if $when', async ({ series, match, fix }) => {
    const [finding, ...others] = await found(series, match);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      code: 'SEVERAL_CLUSTERS_ANSWER',
      severity: 'blocks',
      fix: expect.stringContaining(fix),
    });
  });

  it('block if the matchers select nothing, and name the values that there are', async () => {
    const findings = await found(cluster('a', { cluster: 'prod-1' }), 'cluster="prod1"');
    expect(findings).toMatchObject([{ code: 'MATCH_SELECTS_NOTHING' }, { code: 'MATCH_SELECTS_NOTHING' }]);
    expect(findings[0]?.message).toBe(
      'No series of istio_requests_total{namespace=~"bar"} has cluster="prod1"; of those that there are, cluster is "prod-1".',
    );
  });

  it('block if istiod lacks the label that the proxies have', async () => {
    expect(await found([proxy('bar-a', { cluster: 'prod-1' }), istiod('istiod-a')], 'cluster="prod-1"')).toMatchObject([
      {
        code: 'MATCH_SELECTS_NOTHING',
        message: 'No series of pilot_info{} has cluster="prod-1"; those that there are have no label of a cluster.',
      },
    ]);
  });

  it('block if replicas of Prometheus count every pod twice', async () => {
    const twice = ['k8s-0', 'k8s-1'].flatMap((prometheus_replica) => cluster('a', { prometheus_replica }));
    expect(await found(twice)).toMatchObject([
      {
        code: 'SERIES_COUNTED_TWICE',
        severity: 'blocks',
        message:
          '2 pods of the canary have the series of several replicas of Prometheus: prometheus_replica is "k8s-0", "k8s-1".',
      },
    ]);
    expect(await found(twice, 'prometheus_replica="k8s-1"')).toEqual([]);
  });

  it.for([
    { query: 'sum(http_errors{a="b"})', warns: true },
    { query: `sum(http_errors{\${match}})`, warns: false },
    { query: 'sum(http_errors{cluster=~"prod-.*"})', warns: false },
    { query: 'vector(1)', warns: false },
  ])('warn of a check that may count other clusters: $query ($warns)', async ({ query, warns }) => {
    const check: MetricCheck = { name: 'mine', query, max: 1, empty: 'hold' };
    const series = cluster('a', { cluster: 'prod-1' });
    const codes = (match: string) => found(series, match, [check]).then((all) => all.map(({ code }) => code));
    expect(await codes('cluster="prod-1"')).toEqual(warns ? ['CHECK_OF_ALL_CLUSTERS'] : []);
    expect(await codes('')).toEqual([]);
  });
});
