import { collectEvidence, type Occasion } from '../../../../src/gate/collect-evidence.ts';
import { countWhileReplaced } from '../../../../src/gate/while-replaced.ts';
import type { Metrics } from '../../../../src/ports/prometheus.ts';
import { gateDefaults } from '../../../rehearsal/model/gate-defaults.ts';

/** What our own gate asks, and what docs/shell.md tells users to ask. */
export const GateExpressions: readonly string[] = [
  ...(await queriesOf(['foo', 'bar', 'baz'], 'istiod-1-30-4')),
  ...(await queriesOf(['bar'], 'istiod-1-31-0')),
  // What is asked before the upgrade.
  'sum by (destination_workload_namespace, destination_workload) (rate(istio_requests_total{reporter="destination"}[150s]))',
  'vector(1)',
  'sum(rate(http_errors{namespace=~"foo|bar"}[2m])) / sum(rate(http_requests{namespace=~"foo|bar"}[2m])) or vector(0)',
  'sum(rate(istio_requests_total{namespace=~"foo|bar",response_code=~"5.."}[2m])) / sum(rate(istio_requests_total{namespace=~"foo|bar"}[2m])) or vector(0)',
  'count(istio_requests_total{namespace=~"foo|bar"})',
];

/** What a look seven minutes after a wave was ready asks, when pods of both releases count and some fail, and what is asked for the report. */
async function queriesOf(namespaces: readonly string[], istiod: string): Promise<readonly string[]> {
  const asked = new Set<string>();
  const [name = ''] = namespaces;
  const pods = Array.from({ length: 101 }, (_, index) => `new-${index}`);
  const series = [...pods, 'old'].flatMap((pod) =>
    ['10', '+Inf'].map((le) => ({
      labels: {
        namespace: name,
        pod,
        tag: pod === 'old' ? '1.29.2' : '1.30.4',
        response_code: '503',
        question: '0',
        le,
      },
      value: 600,
      at: 0,
    })),
  );
  const answer = { series, warnings: [] };
  const metrics: Metrics = {
    query: async (query) => {
      asked.add(query);
      return answer;
    },
    range: async (query) => {
      asked.add(query);
      return { series: series.map(({ labels, value, at }) => ({ labels, points: [{ at, value }] })), warnings: [] };
    },
  };
  const occasion: Occasion = {
    wave: 'canary',
    namespaces,
    istiod,
    variables: { revision: '1-31-0', from: '1-30-4' },
    pods: new Map(pods.map((pod) => [`${name}/${pod}`, `Deployment ${name}/new`])),
    ready: new Set(),
    startedAt: 0,
    readyAt: 60_000,
    passed: false,
  };
  const begun = [{ namespaces, readyAt: 60_000 }, { namespaces: ['baz'] }];
  await collectEvidence(metrics, [occasion], { now: 8 * 60_000, begun }, gateDefaults);
  await countWhileReplaced(metrics, { ...occasion, readyAt: 60_000, settings: gateDefaults });
  return [...asked];
}
