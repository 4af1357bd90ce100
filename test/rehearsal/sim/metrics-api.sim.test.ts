import { describe, expect, it } from 'vitest';
import { RefusedRequests } from '../../../harness/proof/contract/promql/refused-requests.ts';
import { createSim, type Sim } from '../../../harness/rehearsal/sim/create-sim.ts';

async function mesh(): Promise<Sim> {
  const sim = await createSim();
  await sim.advance(120_000);
  return sim;
}

function ask(sim: Sim, path: string, parameters: Record<string, string> = {}) {
  const { status, body } = sim.prometheus.handle({
    method: 'GET',
    port: '9090',
    headers: {},
    path: `/api/v1/${path}?${new URLSearchParams(parameters)}`,
    body: '',
  });
  return { httpStatus: status, ...JSON.parse(body) };
}

const seconds = (sim: Sim, ago = 0) => String((sim.clock.now() - ago) / 1000);

describe("the simulated Prometheus' HTTP API", () => {
  it('answers a range query with a value a step', async () => {
    const sim = await mesh();
    const range = { query: 'sum(rate(istio_requests_total[1m]))', start: seconds(sim, 45_000), end: seconds(sim) };
    const { data } = ask(sim, 'query_range', { ...range, step: '15s' });
    expect(data.resultType).toBe('matrix');
    expect(data.result).toHaveLength(1);
    expect(data.result[0].values).toHaveLength(4);
  });

  it('answers a range through the port of the product as it answers each of its moments', async () => {
    const sim = await mesh();
    const query = 'sum by (namespace) (istio_requests_total{reporter="destination"})';
    const [start, end] = [sim.clock.now() - 45_000, sim.clock.now()];
    const { series, warnings } = await sim.run(sim.metrics.range(query, { start, end, stepMs: 15_000 }));
    expect(warnings).toEqual([]);
    expect(series.length).toBeGreaterThan(1);
    for (const { labels, points } of series) {
      expect(points.map(({ at }) => at)).toEqual([start, start + 15_000, start + 30_000, end]);
      for (const { at, value } of points) {
        const then = await sim.run(sim.metrics.query(query, at));
        expect(then.series.find((other) => other.labels['namespace'] === labels['namespace'])?.value).toBe(value);
      }
    }
  });

  it('answers every step of a range query as it would answer that moment alone', async () => {
    const sim = await mesh();
    const stop = sim.prometheus.stopScraping('foo');
    await sim.advance(60_000);
    stop();
    await sim.advance(60_000);
    const query = 'count by (namespace) (istio_requests_total) + sum by (namespace) (increase(up[1m]))';
    const start = sim.clock.now() - 150_000;
    const { data } = ask(sim, 'query_range', { query, start: String(start / 1000), end: seconds(sim), step: '7' });
    const alone = Array.from({ length: 22 }, (_, step) => {
      const time = (start + step * 7000) / 1000;
      return ask(sim, 'query', { query, time: String(time) }).data.result.length;
    });
    const together = Array.from({ length: 22 }, (_, step) => {
      const time = (start + step * 7000) / 1000;
      return data.result.filter(({ values }: { values: [number, string][] }) => values.some(([at]) => at === time))
        .length;
    });
    expect(together).toEqual(alone);
    expect(new Set(alone).size).toBeGreaterThan(1);
  });

  it('lists labels, values, series, metrics and targets', async () => {
    const sim = await mesh();
    expect(ask(sim, 'labels', { 'match[]': 'up{job="istiod"}' }).data).toEqual([
      '__name__',
      'app',
      'instance',
      'istio_io_rev',
      'job',
      'namespace',
      'pod',
    ]);
    expect(ask(sim, 'label/namespace/values').data).toEqual(['bar', 'baz', 'foo', 'istio-ingress', 'istio-system']);
    expect(ask(sim, 'series', { 'match[]': 'up{namespace="foo"}' }).data).toHaveLength(2);
    expect(ask(sim, 'metadata', { metric: 'istio_requests_total' }).data).toMatchObject({
      istio_requests_total: [{ type: 'counter' }],
    });
    expect(ask(sim, 'metadata').data).toHaveProperty('istio_request_duration_milliseconds');
    sim.prometheus.stopScraping('foo');
    await sim.advance(20_000);
    const { activeTargets } = ask(sim, 'targets').data as { activeTargets: { health: string }[] };
    expect(activeTargets.filter(({ health }) => health === 'down')).toHaveLength(2);
    expect(ask(sim, 'status/buildinfo').data).toMatchObject({ version: '3.16.0' });
  });

  it.for(RefusedRequests)('refuses $path of $parameters', async ({ path, parameters, httpStatus }) => {
    const sim = await createSim();
    expect(ask(sim, path, parameters)).toMatchObject({ httpStatus, status: 'error', errorType: expect.any(String) });
  });

  it('passes remarks on: a rate of what is no counter is an info, an impossible quantile a warning', async () => {
    const sim = await mesh();
    expect(ask(sim, 'query', { query: 'rate(up[1m])' })['infos']).toEqual([
      'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "up" (1:6)',
    ]);
    expect(ask(sim, 'query', { query: 'quantile(2, up)' })['warnings']).toEqual([
      'PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)',
    ]);
  });
});

describe('what is scraped', () => {
  it('says of targets that do not answer that they are down, and nothing else', async () => {
    const sim = await mesh();
    sim.prometheus.stopScraping('foo');
    await sim.advance(20_000);
    const of = (query: string) => ask(sim, 'query', { query }).data.result;
    expect(of('up{namespace="foo"} == 0')).toHaveLength(2);
    expect(of('{namespace="foo",__name__!="up"}')).toEqual([]);
  });

  it('has durations in the buckets of Envoy, as many as requests, and slower where they are slower', async () => {
    const sim = await createSim({ rps: 100 });
    sim.traffic.setDuration({ namespace: 'foo', meanMs: 400 });
    await sim.advance(180_000);
    const of = (query: string) => Number(ask(sim, 'query', { query }).data.result[0].value[1]);
    const family = 'istio_request_duration_milliseconds';
    const foo = '{namespace="foo",reporter="destination"}';
    expect(of(`count(count by (le) (${family}_bucket))`)).toBe(20);
    expect(of(`sum(${family}_count${foo}) - sum(istio_requests_total${foo})`)).toBe(0);
    const median = (namespace: string) =>
      of(`histogram_quantile(0.5, sum by (le) (rate(${family}_bucket{namespace="${namespace}"}[1m])))`);
    expect(median('foo')).toBeGreaterThan(200);
    expect(median('foo')).toBeLessThan(350);
    expect(median('bar')).toBeLessThan(20);
    expect(of(`sum(rate(${family}_sum${foo}[1m])) / sum(rate(${family}_count${foo}[1m]))`)).toBeCloseTo(400, -1);
  });

  it('knows nothing of what has not happened yet', async () => {
    const sim = await mesh();
    expect(ask(sim, 'query', { query: 'count(up)', time: seconds(sim, -3_600_000) }).data.result).toEqual([]);
  });
});
