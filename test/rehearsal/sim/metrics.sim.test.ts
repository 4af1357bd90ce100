import { describe, expect, it } from 'vitest';
import { createSim, type Sim } from '../../../harness/rehearsal/sim/create-sim.ts';
import { send } from './send.ts';

const ask = async (sim: Sim, promql: string, at?: number) => (await sim.run(sim.metrics.query(promql, at))).series;
const ratio = (namespace: string) =>
  `sum(rate(istio_requests_total{reporter="destination",destination_workload_namespace="${namespace}",response_code=~"5.."}[1m])) / sum(rate(istio_requests_total{reporter="destination",destination_workload_namespace="${namespace}"}[1m]))`;

async function withFaultyFoo() {
  const sim = await createSim({ rps: 100 });
  sim.traffic.setErrorRatio({ namespace: 'foo', ratio: 0.2 });
  await sim.advance(3 * 60_000);
  return sim;
}

describe('queries as in 50-prometheus', () => {
  it('rates by pod', async () => {
    const sim = await withFaultyFoo();
    const series = await ask(
      sim,
      'sum by (pod) (rate(istio_requests_total{namespace="foo",reporter="destination",response_code=~"5.."}[1m]))',
    );
    expect(series).toHaveLength(2);
    for (const { labels, value } of series) {
      expect(labels['pod']).toMatch(/^foo-/);
      expect(value).toBeCloseTo(20, 0);
    }
  });

  it('an error ratio, and an empty result for a namespace that never had a 5xx or does not exist', async () => {
    const sim = await withFaultyFoo();
    expect((await ask(sim, ratio('foo')))[0]?.value).toBeCloseTo(0.2, 2);
    expect(await ask(sim, ratio('bar'))).toEqual([]);
    expect(await ask(sim, ratio('nothing'))).toEqual([]);
  });

  it('joins requests with the version of the proxy by pod', async () => {
    const sim = await withFaultyFoo();
    const [series, ...more] = await ask(
      sim,
      'sum by (tag)(sum by (namespace,pod)(rate(istio_requests_total{reporter="destination",destination_workload_namespace="foo",response_code=~"5.."}[1m])) * on(namespace,pod) group_left(tag) max by (namespace,pod,tag)(istio_build{component="proxy"}))',
    );
    expect(more).toEqual([]);
    expect(series?.labels).toEqual({ tag: '1.30.4' });
    expect(series?.value).toBeCloseTo(40, 0);
  });

  it('counts connected proxies, and rejects only once there were some', async () => {
    const sim = await withFaultyFoo();
    expect(await ask(sim, 'sum by (istio_io_rev)(pilot_xds)')).toMatchObject([
      { labels: { istio_io_rev: '1-30-4' }, value: 13 },
    ]);
    expect(await ask(sim, 'pilot_total_xds_rejects')).toEqual([]);
    sim.traffic.reject('1-30-4', 'lds', 3);
    await sim.advance(20_000);
    expect(await ask(sim, 'pilot_total_xds_rejects')).toMatchObject([
      { labels: { type: 'lds', istio_io_rev: '1-30-4' }, value: 3 },
    ]);
  });

  it('counts injections, and failures only once there were some', async () => {
    const sim = await withFaultyFoo();
    expect(await ask(sim, 'sidecar_injection_success_total')).toMatchObject([{ value: 13 }]);
    expect(await ask(sim, 'sidecar_injection_failure_total')).toEqual([]);
    sim.istiods.setHealth('1-30-4', 'fails');
    await send(sim, 'POST', '/api/v1/namespaces/foo/pods?dryRun=All', {
      metadata: { name: 'x' },
      spec: { containers: [] },
    });
    await sim.advance(20_000);
    expect(await ask(sim, 'sidecar_injection_failure_total')).toMatchObject([{ value: 1 }]);
  });
});

describe('TCP connections', () => {
  const opened = (sim: Sim, namespace: string) =>
    ask(
      sim,
      `sum by (reporter, destination_service, destination_workload, response_flags, request_protocol) (rate(istio_tcp_connections_opened_total{namespace="${namespace}"}[1m]))`,
    );
  const withConnections = async () => {
    const sim = await createSim({ rps: 0, historyMs: 0 });
    sim.traffic.setConnections({ namespace: 'bar', perSecond: 10 });
    return sim;
  };

  it('have no series where there are none', async () => {
    const sim = await withConnections();
    await sim.advance(3 * 60_000);
    expect(await opened(sim, 'foo')).toEqual([]);
    expect(await ask(sim, 'istio_requests_total')).toEqual([]);
  });

  it.for([
    {
      fail: 'on the way to a server: only the client counts those',
      failing: { ratio: 0.2 },
      series: ['source - bar 16', 'source UF,URX bar 4', 'destination - bar 16'],
    },
    {
      fail: 'since there is no server: the client knows the service, not the workload',
      failing: { ratio: 0.2, flags: 'UH' },
      series: ['source - bar 16', 'source UH unknown 4', 'destination - bar 16'],
    },
    {
      fail: "at the server's application: only the server counts those as failed",
      failing: { ratio: 0.2, seenBy: 'server' as const },
      series: ['source - bar 20', 'destination - bar 16', 'destination UF,URX bar 4'],
    },
  ])('that fail $fail', async ({ failing, series }) => {
    const sim = await withConnections();
    sim.traffic.setConnectionFailures({ revision: '1-30-4', ...failing });
    await sim.advance(3 * 60_000);
    const found = (await opened(sim, 'bar')).map(
      ({ labels, value }) =>
        `${labels['reporter']} ${labels['response_flags']} ${labels['destination_workload']} ${value.toFixed(0)}`,
    );
    expect(found.toSorted()).toEqual(series.toSorted());
  });

  it('have bytes only where they are served', async () => {
    const sim = await withConnections();
    sim.traffic.setConnectionFailures({ ratio: 1 });
    await sim.advance(3 * 60_000);
    expect(await ask(sim, 'istio_tcp_sent_bytes_total')).toEqual([]);
    sim.traffic.setConnectionFailures({ ratio: 0 });
    await sim.advance(3 * 60_000);
    const [bytes] = await ask(sim, 'sum(rate(istio_tcp_sent_bytes_total{reporter="destination"}[1m]))');
    expect(bytes?.value).toBeCloseTo(40_000, -2);
  });
});

describe('time', () => {
  it('answers about the past as it was', async () => {
    const sim = await createSim();
    await sim.advance(3 * 60_000);
    const before = sim.clock.now();
    sim.traffic.setErrorRatio({ namespace: 'foo', ratio: 1 });
    await sim.advance(3 * 60_000);
    expect(await ask(sim, ratio('foo'), before)).toEqual([]);
    expect((await ask(sim, ratio('foo')))[0]?.value).toBeCloseTo(1, 5);
  });

  it('tells how old the newest sample is, and grows it while no samples arrive', async () => {
    const sim = await createSim();
    await sim.advance(60_000);
    const age = 'time() - max(timestamp(istio_build{namespace="foo"}))';
    expect((await ask(sim, age))[0]?.value).toBeLessThanOrEqual(15);
    const resume = sim.prometheus.stopScraping('foo', 'behind');
    await sim.advance(60_000);
    expect((await ask(sim, age))[0]?.value).toBeGreaterThan(45);
    resume();
    await sim.advance(20_000);
    expect((await ask(sim, age))[0]?.value).toBeLessThanOrEqual(15);
  });

  it('lets the series of a pod end with it, and those of its successor start at nothing', async () => {
    const sim = await createSim();
    await sim.advance(60_000);
    const old = sim.pods('foo').map(({ metadata }) => metadata.name);
    for (const name of old)
      sim.registry.delete(
        { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
        { name, namespace: 'foo' },
      );
    await sim.advance(60_000);
    const pods = (await ask(sim, 'up{namespace="foo"}')).map(({ labels }) => labels['pod'] ?? '');
    expect(pods).toHaveLength(2);
    expect(pods.filter((pod) => old.includes(pod))).toEqual([]);
  });
});

describe('the language', () => {
  it.for([
    ['vector(3) * 2 + 1', [7]],
    ['10 - 2 * 3 ^ 2', [-8]],
    ['1 > bool 2', [0]],
    ['vector(1) > 2', []],
    ['vector(5) > 2', [5]],
    ['nothing or vector(0)', [0]],
    ['absent(nothing)', [1]],
    ['-vector(4)', [-4]],
    ['vector(0) / 0', [Number.NaN]],
    ['count(up{namespace=~"foo|bar"})', [4]],
    ['count(up{namespace!~"foo|bar",job="envoy-stats"})', [9]],
    ['count without (pod, instance) (up{namespace="foo"})', [2]],
    ['count(up unless up{namespace="foo"})', [12]],
    ['max(up) == min(up)', [1]],
  ] as const)('%s is %j', async ([promql, expected]) => {
    const sim = await createSim();
    await sim.advance(30_000);
    expect((await ask(sim, promql)).map(({ value }) => value)).toEqual(expected);
  });

  it.for([
    { promql: 'sum(', says: 'parse error' },
    { promql: 'histogram_fraction(0, 1, up)', says: 'not simulated: function histogram_fraction()' },
    { promql: 'limitk(3, up)', says: 'not simulated: aggregation limitk' },
    { promql: 'rate(up[5m] smoothed)', says: 'not simulated: SmoothedExpr' },
    { promql: 'up + on(pod) fill(0) up', says: 'not simulated: fill modifiers' },
    { promql: 'up[step()]', says: 'not simulated: the duration step()' },
    { promql: 'up * on(namespace) up', says: 'many-to-many matching not allowed' },
    { promql: 'rate(up)', says: 'expected type range vector' },
  ])('refuses $promql: $says', async ({ promql, says }) => {
    const sim = await createSim();
    await sim.advance(30_000);
    await expect(ask(sim, promql)).rejects.toThrow(says);
  });
});

describe('faults', () => {
  it('is down, warns, or answers with nothing', async () => {
    const sim = await createSim();
    await sim.advance(30_000);
    sim.prometheus.faults.warnings = ['store unreachable'];
    expect(await sim.run(sim.metrics.query('count(up)'))).toMatchObject({
      series: [{ value: 14 }],
      warnings: ['store unreachable'],
    });
    sim.prometheus.faults.empty = true;
    expect(await ask(sim, 'count(up)')).toEqual([]);
    sim.prometheus.faults.down = true;
    await expect(ask(sim, 'up')).rejects.toMatchObject({ code: 'PROMETHEUS_UNREACHABLE' });
  });

  it('answers through the service proxy of the API server as well', async () => {
    const sim = await createSim();
    await sim.advance(30_000);
    const proxy = '/api/v1/namespaces/monitoring/services/http:prometheus:9090/proxy/api/v1/query?query=count(up)';
    expect(await send(sim, 'GET', proxy)).toMatchObject({
      status: 200,
      body: { status: 'success', data: { resultType: 'vector', result: [{ value: [expect.any(Number), '14'] }] } },
    });
    expect((await send(sim, 'GET', proxy.replace('prometheus:', 'nope:'))).body.message).toBe(
      'services "nope" not found',
    );
  });
});
