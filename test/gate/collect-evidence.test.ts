// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the queries of a config
import { describe, expect, it } from 'vitest';
import { collectEvidence, type Occasion } from '../../src/gate/collect-evidence.ts';
import { judgeGate } from '../../src/gate/judge.ts';
import type { Answer, Metrics } from '../../src/ports/prometheus.ts';
import { gateSettings, noRanges } from './gate-fixtures.ts';

const readyAt = 1_000_000;
const now = readyAt + 700_000;
const look: Occasion = {
  wave: 'canary',
  mode: 'bake',
  namespaces: ['bar'],
  pods: new Set(['bar/new']),
  istiod: 'istiod-1-31-0',
  startedAt: readyAt - 10_000,
  readyAt,
  now,
  variables: { revision: '1-31-0', from: '1-30-4' },
};
const gateway = (value: number): Answer => ({
  series: [{ labels: { namespace: 'istio-ingress', pod: 'gateway', response_code: '503' }, value, at: 0 }],
  warnings: [],
});
const none: Answer = { series: [], warnings: [] };

/** Answers the queries of the clients' side by their time; every other answer is empty. */
const clientsSay = (before: () => Answer, after: () => Answer): Metrics => ({
  ...noRanges,
  query: async (promql, at) => {
    if (!promql.includes('reporter="source", destination_service_namespace')) return none;
    return at === readyAt ? before() : after();
  },
});

describe('collectEvidence', () => {
  it('counts the requests between the two moments', async () => {
    const evidence = await collectEvidence(
      clientsSay(
        () => gateway(4_000),
        () => gateway(4_007),
      ),
      look,
      gateSettings,
    );
    expect(evidence).toMatchObject({ since: readyAt, gates: { clientSide: { requests: 7, errors: 7 } }, distrust: [] });
  });

  it('concludes nothing from a counter whose first reading was lost', async () => {
    const lost = () => {
      throw new Error('connection refused');
    };
    const evidence = await collectEvidence(
      clientsSay(lost, () => gateway(4_000)),
      look,
      gateSettings,
    );
    expect(evidence).toMatchObject({ gates: { clientSide: { requests: 0 } }, distrust: ['connection refused'] });
    expect(judgeGate(evidence, gateSettings, now).verdict).toBe('hold');
  });

  it('distrusts an answer with a warning', async () => {
    const partial = () => ({ ...gateway(1), warnings: ['partial response'] });
    const evidence = await collectEvidence(
      clientsSay(() => none, partial),
      look,
      gateSettings,
    );
    expect(evidence.distrust).toEqual(['Prometheus warns: partial response']);
  });

  it('sends no query before the first sample that counts', async () => {
    const refusing: Metrics = { ...noRanges, query: () => Promise.reject(new Error('asked')) };
    const evidence = await collectEvidence(refusing, { ...look, now: readyAt + 1_000 }, gateSettings);
    expect(evidence.distrust).toEqual(['settling: the first sample that counts is 44 s away']);
  });

  /** Records each query with its time; every request of the wave fails if `red`. */
  const noting = (red: boolean) => {
    const asked: string[] = [];
    const metrics: Metrics = {
      ...noRanges,
      query: async (promql, at) => {
        asked.push(`${promql} @ ${at}`);
        const isServerSide = promql.includes('reporter="destination"');
        const labels = { namespace: 'bar', pod: 'new', response_code: '503' };
        return red && isServerSide ? { series: [{ labels, value: at ?? 0, at: 0 }], warnings: [] } : none;
      },
    };
    return { asked, metrics };
  };

  it('sends twelve queries per snapshot for the built-in gates, none of them twice, and one for each check of the config', async () => {
    const { asked, metrics } = noting(false);
    await collectEvidence(metrics, look, gateSettings);
    expect(asked).toHaveLength(12);
    const { asked: more, metrics: others } = noting(false);
    const checks = [{ name: 'mine', query: 'up{namespace="${namespaces}"}', max: 1, empty: 'hold' as const }];
    const { gates } = await collectEvidence(others, look, { ...gateSettings, checks });
    expect(more).toHaveLength(13);
    expect(new Set(more).size).toBe(13);
    expect(gates.checks).toEqual([{ ...checks[0], query: 'up{namespace="bar"}', values: [] }]);
  });

  it('queries the traffic of a namespace before its wave only where requests fail', async () => {
    const { asked, metrics } = noting(true);
    const { gates } = await collectEvidence(metrics, look, gateSettings);
    const times = asked
      .filter((each) => each.includes('reporter="destination"'))
      .map((each) => Number(each.split(' @ ')[1]));
    const { startedAt } = look;
    expect(times).toEqual([readyAt, now - gateSettings.settleMs, startedAt - gateSettings.bakeMs, startedAt]);
    expect(gates.serverSide.namespaces).toMatchObject([
      { namespace: 'bar', errors: gates.serverSide.errors, before: { errors: gateSettings.bakeMs } },
    ]);
  });

  it('does not count an istiod without fresh samples as zero', async () => {
    const { gates } = await collectEvidence(noting(false).metrics, look, gateSettings);
    expect(gates).toMatchObject({ controlPlane: false, xdsRejects: 'unseen', injectionFailures: 'unseen' });
  });
});
