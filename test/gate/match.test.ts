import { describe, expect, it } from 'vitest';
import { inspectMetricSources } from '../../src/checks/metric-sources.ts';
import type { Asking, Question } from '../../src/gate/asking.ts';
import type { Beforehand, Look } from '../../src/gate/gate.ts';
import { ofEachGate } from '../../src/gate/gates/gates.ts';
import { serverSide } from '../../src/gate/gates/server-side.ts';
import { scrapedIn } from '../../src/gate/scraped-pods.ts';
import { countWhileReplaced } from '../../src/gate/while-replaced.ts';
import type { Answer, Metrics, Series } from '../../src/ports/prometheus.ts';
import { selectorsOf } from '../../src/promql/lint-promql.ts';
import { gateSettings } from './gate-fixtures.ts';

const match = 'cluster="prod-1", region="eu"';
const scope = {
  wave: 'canary',
  namespaces: ['bar'],
  istiod: 'istiod-1-31-0',
  variables: { revision: '1-31-0', from: '1-30-4' },
  settings: { ...gateSettings, match, checks: [] },
};
const look: Look = {
  ...scope,
  pods: new Map([['bar/new', 'bar']]),
  ready: new Set(),
  startedAt: 1_000_000,
  readyAt: 1_060_000,
  passed: false,
  until: 1_600_000,
  together: { namespaces: ['bar'], pods: new Set(['bar/new']) },
  scraped: { at: new Map() },
  begun: [{ namespaces: ['bar'], readyAt: 1_060_000 }],
  memory: new Map<string, unknown>(),
};
/** When pods need not be told apart by their names. */
const counted = { at: new Map(), restriction: { matchers: [], join: '' } };
const beforehand: Beforehand = { ...scope, pods: new Set(['bar/old']), started: false, now: 1_000_000 };

/** What a computation asks when every answer is this one. */
function asked<Reply>(asking: Asking<unknown, Reply>, reply: Reply): Question[] {
  const questions: Question[] = [];
  for (let step = asking.next(); step.done !== true; step = asking.next(step.value.map(() => reply)))
    questions.push(...step.value);
  return questions;
}

const series: readonly Series[] = [
  {
    labels: { namespace: 'bar', pod: 'new', destination_workload: 'bar', response_code: '503', le: '10' },
    value: 9,
    at: 0,
  },
];

describe('the matchers of a cluster', () => {
  it.for([
    { answers: 'empty', reply: [] },
    { answers: 'of a pod that fails', reply: series },
  ])('are in every selector of every query of the gates, when answers are $answers', ({ reply }) => {
    const answer: Answer = { series: reply, warnings: [] };
    const questions = [
      ...ofEachGate((gate) => asked(gate.count({ ...look, memory: new Map() }), reply)).flat(),
      ...asked(scrapedIn(look.together, look.until, look), reply),
      ...asked(serverSide.count({ ...look, scraped: counted, memory: new Map() }), reply),
      ...ofEachGate((gate) => gate.inspect(beforehand).flatMap((inspection) => asked(inspection, answer))).flat(),
    ];
    const selectors = questions.flatMap(({ query }) => selectorsOf(query));
    expect(selectors.length).toBeGreaterThan(20);
    expect(selectors.filter((selector) => !selector.includes(match))).toEqual([]);
  });

  it('are in what tells pods of one release from others', () => {
    const pods = Array.from({ length: 101 }, (_, index) => `new-${index}`);
    const seen = [...pods, 'old'].map((pod) => ({
      labels: { namespace: 'bar', pod, tag: pod === 'old' ? '1.30.4' : '1.31.0' },
      value: 1,
      at: 0,
    }));
    const asking = scrapedIn({ namespaces: ['bar'], pods: new Set(pods.map((pod) => `bar/${pod}`)) }, 0, look);
    asking.next();
    const { value } = asking.next([seen]);
    expect(value).toMatchObject({ restriction: { join: expect.stringContaining(`tag=~"1[.]31[.]0", ${match}}`) } });
  });

  it('are in the queries of the report and of the check of sources', async () => {
    const queries: string[] = [];
    const metrics: Metrics = {
      query: async (query) => {
        queries.push(query);
        return { series: [], warnings: [] };
      },
      range: () => Promise.reject(new Error('a range was asked for')),
    };
    await countWhileReplaced(metrics, { ...look, readyAt: 1_060_000 });
    const sources = asked(inspectMetricSources(beforehand, new Set()), { series, warnings: [] });
    queries.push(...sources.map(({ query }) => query));
    expect(queries.length).toBeGreaterThan(2);
    expect(queries.flatMap(selectorsOf).filter((selector) => !selector.includes(match))).toEqual([]);
  });
});
