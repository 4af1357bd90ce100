import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences } from '../../../harness/proof/contract/promql/compare-answers.ts';
import { Expressions } from '../../../harness/proof/contract/promql/expressions.ts';
import { HoursExpressions } from '../../../harness/proof/contract/promql/hours-expressions.ts';
import { type Hours, hoursOfSamples } from '../../../harness/proof/contract/promql/hours-of-samples.ts';
import { madeSamples, T0 } from '../../../harness/proof/contract/promql/made-samples.ts';
import { randomExpressions } from '../../../harness/proof/contract/promql/random-expressions.ts';
import { type RealPrometheus, startRealPrometheus } from '../../../harness/proof/contract/promql/real-prometheus.ts';
import { RefusedExpressions } from '../../../harness/proof/contract/promql/refused-expressions.ts';
import { RefusedRequests } from '../../../harness/proof/contract/promql/refused-requests.ts';
import { simulatedInstant, simulatedRange } from '../../../harness/proof/contract/promql/simulated-answer.ts';
import { simulatedSamples } from '../../../harness/proof/contract/promql/simulated-samples.ts';
import { Skips } from '../../../harness/proof/contract/promql/skips.ts';
import { joined } from '../../../harness/proof/contract/promql/stores.ts';
import { buildLab } from '../../../harness/proof/lab/build.ts';
import { Sim } from '../../../harness/rehearsal/sim/create-sim.ts';
import { MemoryStore } from '../../../harness/rehearsal/sim/metrics/memory-store.ts';
import { matcher } from '../../../harness/rehearsal/sim/metrics/promql/matcher.ts';
import type { SampleStore } from '../../../harness/rehearsal/sim/metrics/sample-store.ts';

const Minute = 60_000;
/** On the beat of the samples and off it; before, between and after births, resets, gaps and ends. */
const Instants = [
  T0,
  T0 + 4 * Minute + 1,
  T0 + 9 * Minute,
  T0 + 9 * Minute + 20_000,
  T0 + 10 * Minute,
  T0 + 11 * Minute + 7_123,
  T0 + 14 * Minute + 44_999,
  T0 + 20 * Minute,
  T0 + 24 * Minute + 59_999,
  T0 + 40 * Minute,
];
const Range = { startMs: T0 - 37_000, endMs: T0 + 22 * Minute, stepMs: 41_000 };

const seed = Number(process.env['SEED'] ?? 7);

describe('the simulated Prometheus and a real one, on the same samples', () => {
  let real: RealPrometheus;
  let store: SampleStore;
  /** Queries that the real one answered with something at some moment. */
  const telling = new Set<string>();

  beforeAll(async () => {
    const binaries = await buildLab({ env: process.env, tell: (line) => console.log(line) });
    real = await startRealPrometheus(join(binaries, 'prometheus', 'prometheus'));
    store = joined([new MemoryStore(madeSamples()), await simulatedSamples()]);
    // The simulated mesh has run for hours: what windows and the lookback of the first moments reach is written too.
    const samples = store.range([matcher('__name__', '=~', '.+')], T0 - 40 * Minute, T0 + 30 * Minute);
    expect(samples.length).toBeGreaterThan(500);
    await real.write(samples);
  });
  afterAll(() => real?.stop());

  const toleranceOf = (query: string) => ({
    ordered: /^(sort|topk|bottomk)/.test(query) && !/ (by|without) /.test(query),
    ...Skips.find((skip) => skip.query === query)?.tolerances,
  });

  const atInstants = async (query: string, tolerances = toleranceOf(query)) =>
    (
      await Promise.all(
        Instants.map(async (at) => {
          const { body } = await real.ask('query', new URLSearchParams({ query, time: String(at / 1000) }));
          if (!body.includes('"result":[]')) telling.add(query);
          return differences(body, simulatedInstant(query, store, at).body, tolerances).map(
            (difference) => `${(at - T0) / 1000} s: ${difference}`,
          );
        }),
      )
    ).flat();

  const overRange = async (query: string, tolerances = toleranceOf(query)) => {
    const form = new URLSearchParams({
      query,
      start: String(Range.startMs / 1000),
      end: String(Range.endMs / 1000),
      step: String(Range.stepMs / 1000),
    });
    const { body } = await real.ask('query_range', form);
    return differences(body, simulatedRange(query, store, Range).body, { ...tolerances, ordered: false });
  };

  for (const [about, queries] of Object.entries(Expressions)) {
    describe(about, () => {
      it.for(queries)('agree on %s', async (query) => {
        expect(await atInstants(query)).toEqual([]);
        expect(await overRange(query)).toEqual([]);
      });
    });
  }

  // Which of several twins an error names follows the order of the storage.
  const isOtherTwin = (difference: string) => difference.match(/found duplicate series/g)?.length === 2;

  it(`agree on random expressions (SEED=${seed})`, async () => {
    const found: string[] = [];
    for (const [index, query] of randomExpressions(seed, 400).entries()) {
      const at = T0 + index * 3_777;
      const { body } = await real.ask('query', new URLSearchParams({ query, time: String(at / 1000) }));
      const wrong = differences(body, simulatedInstant(query, store, at).body).filter((text) => !isOtherTwin(text));
      if (wrong.length > 0) found.push(`${query} at ${(at - T0) / 1000} s: ${wrong[0]}`);
    }
    expect(found).toEqual([]);
  });

  it.for(RefusedExpressions)('both refuse $query', async ({ query, syntax = false }) => {
    const { status, body } = await real.ask('query', new URLSearchParams({ query, time: String(T0 / 1000) }));
    expect(status).toBe(400);
    expect(differences(body, simulatedInstant(query, store, T0).body, { ownWords: syntax })).toEqual([]);
  });

  it.for(RefusedRequests)('both refuse $path of $parameters', async ({ path, parameters, httpStatus }) => {
    const { prometheus } = new Sim();
    const { status, body } = await real.ask(path, new URLSearchParams(parameters));
    const request = { method: 'GET', port: '9090', headers: {}, body: '' };
    const ours = prometheus.handle({ ...request, path: `/api/v1/${path}?${new URLSearchParams(parameters)}` });
    expect([status, ours.status]).toEqual([httpStatus, httpStatus]);
    expect(differences(body, ours.body)).toEqual([]);
  });

  it('the table is of two hundred expressions at least, each once, and every skip is of one of them', () => {
    const queries = Object.values(Expressions).flat();
    expect(new Set(queries).size).toBeGreaterThanOrEqual(200);
    // That two engines both say nothing proves little.
    expect(queries.filter((query) => !telling.has(query)).length).toBeLessThan(queries.length / 10);
    expect(Skips.filter(({ query, reason }) => !queries.includes(query) || reason === '')).toEqual([]);
  });
});

describe('the simulated Prometheus and a real one, on hours of history', () => {
  let real: RealPrometheus;
  let hours: Hours;

  beforeAll(async () => {
    const binaries = await buildLab({ env: process.env, tell: (line) => console.log(line) });
    real = await startRealPrometheus(join(binaries, 'prometheus', 'prometheus'));
    hours = await hoursOfSamples();
    expect(hours.written.length).toBeGreaterThan(50);
    await real.write(hours.written);
  });
  afterAll(() => real?.stop());

  it.for(HoursExpressions)('agree on %s', async (query) => {
    const { now, computed } = hours;
    for (const at of [now, now - 7 * Minute - 1, now - 60 * Minute]) {
      const { body } = await real.ask('query', new URLSearchParams({ query, time: String(at / 1000) }));
      if (at === now) expect(body).not.toContain('"result":[]');
      expect(differences(body, simulatedInstant(query, computed, at).body)).toEqual([]);
    }
    const range = { startMs: now - 360 * Minute, endMs: now, stepMs: 15 * Minute };
    const form = { query, start: String(range.startMs / 1000), end: String(now / 1000), step: '900' };
    const { body } = await real.ask('query_range', new URLSearchParams(form));
    expect(differences(body, simulatedRange(query, computed, range).body, { ordered: false })).toEqual([]);
  });
});
