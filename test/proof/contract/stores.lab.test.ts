import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GateExpressions } from '../../../harness/proof/contract/promql/gate-expressions.ts';
import { T0 } from '../../../harness/proof/contract/promql/made-samples.ts';
import { startRealPrometheus } from '../../../harness/proof/contract/promql/real-prometheus.ts';
import {
  type RealStore,
  type RealThanos,
  startThanos,
  startVictoriaMetrics,
} from '../../../harness/proof/contract/promql/real-store.ts';
import { simulatedSamples } from '../../../harness/proof/contract/promql/simulated-samples.ts';
import { buildModules } from '../../../harness/proof/lab/build.ts';
import { labModules, storeModules } from '../../../harness/proof/lab/modules.ts';
import { matcher } from '../../../harness/rehearsal/sim/metrics/promql/matcher.ts';
import { systemClock } from '../../../src/engine/system-clock.ts';
import type { Answer, Metrics, Range, RangeAnswer } from '../../../src/ports/prometheus.ts';
import { createMetrics } from '../../../src/prometheus/client.ts';

const Minute = 60_000;
/** Before, at and after replaced pods, targets that do not answer, and a time without samples; between the beats of the scrapes. */
const Instants = [2, 5, 8.2, 9, 9.4, 12.5, 16, 19.9].map((minutes) => T0 + Math.round(minutes * Minute));
/** As the gate asks for what was normal: raw counters at a few moments. */
const LongSteps: Range = { start: T0 + 2 * Minute + 333, end: T0 + 28 * Minute, stepMs: 13 * Minute };
const ShortSteps: Range = { start: T0 + 7_000, end: T0 + 20 * Minute, stepMs: 90_000 };
/** Queries that VictoriaMetrics answers otherwise, and why the gate may live with it: docs/prometheus.md. */
const ofVictoriaMetrics = {
  // It does not extrapolate, and takes the sample before the window in: only estimates and checks of users have a rate.
  rate: /rate\(|increase\(/,
  // It ends a series with the last sample instead of the marker: the gate asks how old the sample is.
  timestamp: /timestamp\(/,
};

describe("the gate's queries, on the same samples", () => {
  let prometheus: Metrics;
  let victoriaMetrics: Metrics;
  let thanos: Metrics;
  let realThanos: RealThanos;
  const stores: RealStore[] = [];
  const metricsOf = (url: string) => createMetrics({ url, timeoutMs: 15_000 }, { clock: systemClock, env: {} });
  let binaryOf: (module: string, name: string) => string;

  beforeAll(async () => {
    const modules = [...labModules().filter(({ name }) => name === 'prometheus'), ...storeModules];
    const folder = await buildModules(modules, { env: process.env, tell: (line) => console.log(line) });
    binaryOf = (module, name) => join(folder, module, name);
    const real = await startRealPrometheus(binaryOf('prometheus', 'prometheus'));
    stores.push(real);
    const victoria = await startVictoriaMetrics(binaryOf('victoriametrics', 'victoria-metrics'));
    stores.push(victoria);
    realThanos = await startThanos(binaryOf('thanos', 'thanos'));
    stores.push(realThanos);
    const samples = (await simulatedSamples()).range([matcher('__name__', '=~', '.+')], T0 - 1, T0 + 30 * Minute);
    expect(samples.length).toBeGreaterThan(500);
    for (const store of stores) await store.write(samples);
    prometheus = metricsOf(real.url);
    victoriaMetrics = metricsOf(victoria.url);
    thanos = metricsOf(realThanos.url);
  });
  afterAll(() => Promise.all(stores.map((store) => store.stop())));

  it('find something in Prometheus, most of them at every moment', async () => {
    const silent = await Promise.all(
      GateExpressions.map(async (query) => (await prometheus.query(query, T0 + 5 * Minute)).series.length === 0),
    );
    expect(silent.filter(Boolean).length).toBeLessThan(GateExpressions.length / 3);
  });

  it.for(GateExpressions)('are answered alike by Thanos, whose replicas hold the same: %s', async (query) => {
    expect(await differences(prometheus, thanos, query)).toEqual([]);
    expect(await rangeDifferences(prometheus, thanos, query, ShortSteps)).toEqual([]);
  });

  const exact = GateExpressions.filter((query) => !Object.values(ofVictoriaMetrics).some((each) => each.test(query)));
  it.for(exact)('are answered alike by VictoriaMetrics: %s', async (query) => {
    expect(await differences(prometheus, victoriaMetrics, query)).toEqual([]);
  });

  // With an offset a lost point would look like a counter that began: the gate asks such ranges in steps of 15 min only.
  const plain = exact.filter((query) => !query.includes(' offset '));
  it.for(plain)('have no point of VictoriaMetrics at short steps that Prometheus has not: %s', async (query) => {
    // It lacks the points whose sample is older than a step.
    const [real, other] = [await prometheus.range(query, ShortSteps), await victoriaMetrics.range(query, ShortSteps)];
    const wanted = new Set(pointsOf(real));
    expect(pointsOf(other).filter((point) => !wanted.has(point))).toEqual([]);
    expect(pointsOf(other).length).toBeGreaterThanOrEqual(wanted.size / 2);
  });

  it('of ages are answered by VictoriaMetrics as by Prometheus, and beyond the end of a series with its last sample', async () => {
    const ages = GateExpressions.filter((query) => ofVictoriaMetrics.timestamp.test(query));
    expect(ages.length).toBeGreaterThan(0);
    for (const query of ages)
      for (const at of Instants) {
        const [real, other] = [await prometheus.query(query, at), await victoriaMetrics.query(query, at)].map(rowsOf);
        expect(other).toMatchObject(real ?? {});
        for (const [series, sample] of Object.entries(other ?? {}))
          if (real?.[series] === undefined) expect(at / 1_000 - Number(sample)).toBeGreaterThan(15);
      }
  });

  it('count every request twice in a Thanos that does not remove the copies', async () => {
    const query = 'sum(istio_requests_total)';
    const at = T0 + 5 * Minute;
    const [once, twice] = await Promise.all(
      [prometheus, metricsOf(realThanos.urlWithCopies)].map((its) => its.query(query, at)),
    );
    expect(twice?.series[0]?.value).toBe(2 * (once?.series[0]?.value ?? Number.NaN));
  });

  it.for([
    { query: 'up{', code: 'PROMETHEUS_BAD_QUERY' },
    { query: 'no_function(up)', code: 'PROMETHEUS_BAD_QUERY' },
    { query: 'up[5m]', code: 'PROMETHEUS_WRONG_RESULT' },
  ])('that are wrong are $code for every store: $query', async ({ query, code }) => {
    for (const metrics of [prometheus, victoriaMetrics, thanos])
      await expect(metrics.query(query, T0)).rejects.toMatchObject({ code });
  });

  it('that need more samples than VictoriaMetrics allows are PROMETHEUS_EXECUTION', async () => {
    const small = await startVictoriaMetrics(binaryOf('victoriametrics', 'victoria-metrics'), [
      '-search.maxSamplesPerQuery=10',
    ]);
    try {
      const samples = (await simulatedSamples()).range([matcher('__name__', '=', 'up')], T0 - 1, T0 + 5 * Minute);
      await small.write(samples);
      const asking = metricsOf(small.url).query('count(up)', T0 + 4 * Minute);
      await expect(asking).rejects.toMatchObject({ code: 'PROMETHEUS_EXECUTION' });
    } finally {
      await small.stop();
    }
  });

  it('are refused by a Thanos of which a part is away, and not answered with the rest', async () => {
    const query = 'sum(istio_requests_total)';
    await realThanos.loseReceiver();
    await expect(thanos.query(query, T0 + 5 * Minute)).rejects.toMatchObject({ code: 'PROMETHEUS_UNAVAILABLE' });
    await expect(thanos.range(query, LongSteps)).rejects.toMatchObject({
      code: 'PROMETHEUS_UNAVAILABLE',
    });
  });
});

/** At every instant, and over the range of long steps. */
async function differences(real: Metrics, other: Metrics, query: string): Promise<string[]> {
  const found = await rangeDifferences(real, other, query, LongSteps);
  for (const at of Instants)
    for (const difference of between(await real.query(query, at), await other.query(query, at)))
      found.push(`at ${(at - T0) / 1_000} s: ${difference}`);
  return found;
}

async function rangeDifferences(real: Metrics, other: Metrics, query: string, range: Range): Promise<string[]> {
  return between(await real.range(query, range), await other.range(query, range));
}

function between(...answers: readonly [Answer | RangeAnswer, Answer | RangeAnswer]): string[] {
  expect(answers.flatMap(({ warnings }) => warnings)).toEqual([]);
  const [wanted = {}, got = {}] = answers.map(rowsOf);
  return [...new Set([...Object.keys(wanted), ...Object.keys(got)])]
    .filter((series) => wanted[series] !== got[series])
    .map((series) => `${series}: ${wanted[series]} but ${got[series]}`);
}

const pointsOf = (answer: RangeAnswer): readonly string[] =>
  Object.entries(rowsOf(answer)).flatMap(([series, points]) => points.split(' ').map((point) => `${series} ${point}`));

/** Values as text, by series; ten digits, since engines add in another order. */
function rowsOf({ series }: Answer | RangeAnswer): Record<string, string> {
  const digits = (value: number) => String(Number(value.toPrecision(10)));
  return Object.fromEntries(
    series.map((each) => [
      JSON.stringify(Object.entries(each.labels).sort(([a], [b]) => (a < b ? -1 : 1))),
      'points' in each
        ? each.points.map(({ at, value }) => `${digits(value)}@${at - T0}`).join(' ')
        : digits(each.value),
    ]),
  );
}
