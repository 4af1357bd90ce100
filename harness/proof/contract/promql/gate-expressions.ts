import { builtInQueries } from '../../../../src/gate/queries.ts';
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
  checks: [],
};

/** What our own gate asks, and what the README tells users to ask. */
export const GateExpressions: readonly string[] = [
  ...Object.values(builtInQueries(['foo', 'bar', 'baz'], 'istiod-1-30-4', settings)),
  ...Object.values(builtInQueries(['bar'], 'istiod-1-31-0', settings)),
  'vector(1)',
  'sum(rate(http_errors{namespace=~"foo|bar"}[2m])) / sum(rate(http_requests{namespace=~"foo|bar"}[2m])) or vector(0)',
  'sum(rate(istio_requests_total{namespace=~"foo|bar",response_code=~"5.."}[2m])) / sum(rate(istio_requests_total{namespace=~"foo|bar"}[2m])) or vector(0)',
  'count(istio_requests_total{namespace=~"foo|bar"})',
];
