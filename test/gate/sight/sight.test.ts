import { describe, expect, it } from 'vitest';
import { simulatedInstant } from '../../../harness/proof/contract/promql/simulated-answer.ts';
import { MemoryStore } from '../../../harness/rehearsal/sim/metrics/memory-store.ts';
import { rangeQuery } from '../../../harness/rehearsal/sim/metrics/promql/run-query.ts';
import { answered, type Question } from '../../../src/gate/asking.ts';
import { type SceneWave, sightOf } from '../../../src/gate/sight/sight.ts';
import type { Answer } from '../../../src/ports/prometheus.ts';
import { readAnswer } from '../../../src/prometheus/read-answer.ts';
import { gateSettings } from '../gate-fixtures.ts';

const now = Date.UTC(2026, 0, 2);
type Labels = Readonly<Record<string, string>>;

const minute = 60_000;

/** One series that has been scraped every minute for two hours, and counts one a second. */
const counter = (labels: Labels) => ({
  labels,
  points: Array.from({ length: 120 }, (_, index) => {
    const at = now - (119 - index) * minute - 5_000;
    return { at, value: 60 * (index + 1) };
  }),
});
const requests = (namespace: string, labels: Labels = {}) =>
  counter({
    __name__: 'istio_requests_total',
    reporter: 'destination',
    namespace,
    pod: `${namespace}-1`,
    destination_workload: namespace,
    response_code: '200',
    response_flags: '-',
    request_protocol: 'http',
    ...labels,
  });
const build = (namespace: string) =>
  counter({ __name__: 'istio_build', component: 'proxy', namespace, pod: `${namespace}-1` });
const connections = (namespace: string) =>
  counter({
    __name__: 'istio_tcp_connections_opened_total',
    reporter: 'destination',
    namespace,
    pod: `${namespace}-1`,
  });

/** What is seen of waves of one namespace each, named after it, and the queries that it took. */
async function seen(names: readonly string[], series: readonly ReturnType<typeof counter>[]) {
  const store = new MemoryStore(series);
  const asked: Question[] = [];
  const waves: SceneWave[] = names.map((name) => ({ name, namespaces: [name], pods: [`${name}/${name}-1`] }));
  const reply = async (question: Question): Promise<Answer> => {
    asked.push(question);
    const { query, range, at = now } = question;
    if (range === undefined)
      return readAnswer({ headers: {}, ...simulatedInstant(query, store, at) }, query, 'http://prometheus');
    const { value } = rangeQuery(query, store, { startMs: range.start, endMs: range.end, stepMs: range.stepMs });
    return {
      series: value.flatMap(({ labels, points }) => points.map((point) => ({ labels, ...point }))),
      warnings: [],
    };
  };
  return { waves: await answered(sightOf({ waves, settings: gateSettings, now }), reply), asked };
}

describe('what the gate would see of waves', () => {
  it('is the same whatever the number of waves, for at most twelve queries', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `team-${index}`);
    const reporters = { 0: { reporter: 'source', destination_service_namespace: 'team-0' }, 1: { reporter: 'source' } };
    const { waves, asked } = await seen(
      names,
      names.flatMap((name, index) => [build(name), requests(name, reporters[index as 0 | 1] ?? {})]),
    );
    expect(waves.map(({ wave }) => wave)).toEqual(names);
    expect(waves.slice(0, 3).map(({ decides }) => decides)).toEqual(['clientSide', 'outbound', 'serverSide']);
    expect(asked.length).toBeLessThanOrEqual(12);
  });

  it('has the rate of a wave, and as its rest what comes after it', async () => {
    const { waves } = await seen(
      ['bar', 'foo'],
      ['bar', 'foo'].flatMap((name) => [build(name), requests(name)]),
    );
    expect(waves).toMatchObject([
      { power: { rate: 1 }, rest: 300, hasRest: true, scrapeMs: 60_000, unscraped: [], historyMs: 2 * 60 * minute },
      { power: { rate: 1 }, rest: 0, hasRest: false },
    ]);
  });

  it.for([
    {
      what: 'namespace with connections alone',
      series: [build('bar'), connections('bar')],
      is: { tcpOnly: ['bar'], silent: [] },
    },
    {
      what: 'namespace of which nothing is counted',
      series: [build('bar')],
      is: { tcpOnly: [], silent: ['bar'], unscraped: [] },
    },
    {
      what: 'pod that is not scraped',
      series: [build('foo'), requests('foo')],
      is: { unscraped: ['bar/bar-1'], silent: ['bar'] },
    },
    {
      what: 'gRPC server without grpc_response_status',
      series: [build('bar'), requests('bar', { request_protocol: 'grpc' })],
      is: { lacking: [{ label: 'grpc_response_status', namespaces: ['bar'], values: [] }] },
    },
    {
      what: 'gRPC server of which only some calls end without a status',
      series: [
        build('bar'),
        requests('bar', { request_protocol: 'grpc' }),
        requests('bar', { request_protocol: 'grpc', grpc_response_status: '0' }),
      ],
      is: { lacking: [] },
    },
    {
      what: 'response_code that was rewritten to its class',
      series: [build('bar'), requests('bar', { response_code: '2xx' })],
      is: { lacking: [{ label: 'response_code', namespaces: ['bar'], values: ['2xx'] }] },
    },
    {
      what: 'series without the label of the pod',
      series: [requests('bar', { pod: '' })],
      is: { hasPodLabel: false, unscraped: ['bar/bar-1'] },
    },
  ])('names a $what', async ({ series, is }) => {
    const { waves } = await seen(['bar'], series);
    expect(waves[0]).toMatchObject(is);
  });
});
