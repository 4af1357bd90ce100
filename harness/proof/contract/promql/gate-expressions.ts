import type { Asking, Reading } from '../../../../src/gate/asking.ts';
import type { Look } from '../../../../src/gate/gate.ts';
import { ofEachGate } from '../../../../src/gate/gates/gates.ts';
import type { GateSettings } from '../../../../src/model/gate-settings.ts';

/** Only the labels are in the queries. */
const settings: GateSettings = {
  intervalMs: 15_000,
  settleMs: 30_000,
  bakeMs: 300_000,
  maxBakeMs: 900_000,
  telemetryTimeoutMs: 120_000,
  watchMs: 300_000,
  minRequests: 100,
  errorRatioMax: 0.01,
  xdsRejectsMax: 0,
  injectionFailuresMax: 0,
  labels: { namespace: 'namespace', pod: 'pod' },
  match: '',
  checks: [],
};

/** What our own gate asks, and what the README tells users to ask. */
export const GateExpressions: readonly string[] = [
  ...queriesOf(['foo', 'bar', 'baz'], 'istiod-1-30-4'),
  ...queriesOf(['bar'], 'istiod-1-31-0'),
  // What is counted for the report, and what is asked before the upgrade.
  'sum by (namespace, pod, response_code, grpc_response_status, response_flags) (max_over_time(istio_requests_total{reporter="source", destination_service_namespace=~"foo|bar"}[60s]))',
  'sum by (destination_workload_namespace, destination_workload) (rate(istio_requests_total{reporter="destination"}[150s]))',
  'vector(1)',
  'sum(rate(http_errors{namespace=~"foo|bar"}[2m])) / sum(rate(http_requests{namespace=~"foo|bar"}[2m])) or vector(0)',
  'sum(rate(istio_requests_total{namespace=~"foo|bar",response_code=~"5.."}[2m])) / sum(rate(istio_requests_total{namespace=~"foo|bar"}[2m])) or vector(0)',
  'count(istio_requests_total{namespace=~"foo|bar"})',
];

/** What the gates ask five minutes after a wave was ready. */
function queriesOf(namespaces: readonly string[], istiod: string): readonly string[] {
  const variables = { revision: '1-31-0', from: '1-30-4' };
  const times = { startedAt: 0, readyAt: 60_000, passed: false, until: 8 * 60_000 };
  const waves = {
    watched: namespaces,
    begun: [{ namespaces, readyAt: 60_000 }, { namespaces: ['baz'] }],
    memory: new Map<string, unknown>(),
  };
  const look: Look = {
    wave: 'canary',
    namespaces,
    istiod,
    variables,
    settings,
    pods: new Map(),
    ready: new Set(),
    ...times,
    ...waves,
  };
  return [...new Set(ofEachGate((gate) => [...queriesAsked(gate.count(look))]).flat())];
}

/** All that a computation asks when every answer is empty. */
function* queriesAsked(asking: Asking<unknown, Reading>): Generator<string> {
  for (let step = asking.next(); step.done !== true; step = asking.next(step.value.map(() => []))) {
    for (const { query } of step.value) yield query;
  }
}
