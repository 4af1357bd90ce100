import { templateVariables } from '../gate/collect-evidence.ts';
import { countTraffic } from '../gate/count-traffic.ts';
import { builtInQueries } from '../gate/queries.ts';
import { type Finding, problem, warning } from '../model/finding.ts';
import type { MetricCheck } from '../model/gate-settings.ts';
import type { Plan, Wave } from '../model/plan.ts';
import { revisionSuffix } from '../model/revision.ts';
import { UpgradeError } from '../model/upgrade-error.ts';
import type { Metrics } from '../ports/prometheus.ts';
import { fillTemplate, selectorsOf } from '../promql/lint-promql.ts';

interface Moment {
  /** Whether pods of the new revision may already be there, so that red numbers are the gate's to judge. */
  started: boolean;
  /** The cluster's clock, Unix milliseconds. */
  now: number;
}

/**
 * Proves before anything is touched that the gate will see: every query answers, the metrics carry the labels that we
 * split by, and nothing is red already.
 * @throws UpgradeError PROMETHEUS_* when Prometheus itself does not answer
 */
export async function inspectMetrics(metrics: Metrics, plan: Plan, moment: Moment): Promise<readonly Finding[]> {
  await metrics.query('vector(1)');
  const [canary] = plan.waves;
  if (canary === undefined) return [];
  const findings = await Promise.all([
    inspectTraffic(metrics, plan, canary, moment),
    inspectControlPlane(metrics, plan, moment),
    ...plan.gate.checks.map((check) => inspectCheck(metrics, check, plan, canary, moment)),
  ]);
  return findings.flat();
}

async function inspectTraffic(
  metrics: Metrics,
  plan: Plan,
  canary: Wave,
  { started, now }: Moment,
): Promise<readonly Finding[]> {
  const { gate } = plan;
  const queries = builtInQueries(canary.namespaces, `istiod${revisionSuffix(plan.from)}`, gate);
  const [server, client, before] = await Promise.all([
    metrics.query(queries.serverSide),
    metrics.query(queries.clientSide),
    metrics.query(queries.serverSide, now - gate.settleMs - gate.watchMs),
  ]);
  const { namespace, pod } = gate.labels;
  const labelled = server.series.filter(({ labels }) => labels[namespace] !== undefined && labels[pod] !== undefined);
  if (labelled.length === 0)
    return [
      problem(
        'GATE_BLIND',
        `Prometheus has no istio_requests_total (reporter="destination") with labels ${namespace} and ${pod} for ${canary.namespaces.join(', ')}.`,
        'Scrape the proxies, correct gate.labels, or choose a canary that has traffic.',
        [queries.serverSide],
      ),
    ];
  const findings: Finding[] = [];
  if (client.series.length === 0)
    findings.push(
      warning(
        'GATE_SEES_ONE_SIDE',
        `Prometheus has no istio_requests_total (reporter="source") towards ${canary.namespaces.join(', ')}; failures that never reach a server will not be seen.`,
        'Scrape the clients of the canary as well.',
        [queries.clientSide],
      ),
    );
  const { requests, errors } = countTraffic(
    { before: before.series, after: server.series },
    { podOf: ({ [namespace]: ns = '', [pod]: name = '' }) => `${ns}/${name}`, newborn: new Set() },
  );
  if (!started && requests >= gate.minRequests && errors / requests > gate.errorRatioMax)
    findings.push(
      problem(
        'GATE_RED_BEFORE_START',
        `${((100 * errors) / requests).toPrecision(2)} % of the canary's requests fail already, before the upgrade; the limit is ${100 * gate.errorRatioMax} %.`,
        'Repair the service, choose another canary, or set gate.errorRatio above what is normal here.',
        canary.namespaces,
      ),
    );
  return findings;
}

async function inspectControlPlane(metrics: Metrics, plan: Plan, { started }: Moment): Promise<readonly Finding[]> {
  const { controlPlane } = builtInQueries([], `istiod${revisionSuffix(plan.from)}`, plan.gate);
  const { series } = await metrics.query(controlPlane);
  // A run that goes on may have removed the old istiod already; the gate itself asks for the new one's samples.
  if (series.length > 0 || started) return [];
  return [
    problem(
      'CONTROL_PLANE_NOT_SCRAPED',
      `Prometheus has no pilot_info of istiod ${plan.from} by label ${plan.gate.labels.pod}, so rejected configuration would not be seen.`,
      'Scrape istiod (port 15014), or correct gate.labels.',
      [controlPlane],
    ),
  ];
}

async function inspectCheck(
  metrics: Metrics,
  check: MetricCheck,
  plan: Plan,
  canary: Wave,
  { started }: Moment,
): Promise<readonly Finding[]> {
  const query = fillTemplate(
    check.query,
    templateVariables(canary.namespaces, canary.name, { revision: plan.to, from: plan.from }, plan.gate),
  );
  try {
    const [{ series, warnings }, ...seen] = await Promise.all([
      metrics.query(query),
      ...selectorsOf(query).map((selector) => metrics.query(`count(${selector})`)),
    ]);
    if (seen.length > 0 && seen.every((answer) => answer.series.length === 0))
      return [
        problem(
          'CHECK_SEES_NOTHING',
          `Check "${check.name}": no series matches it for ${canary.namespaces.join(', ')}.`,
          'Correct its metric names and labels.',
          [query],
        ),
      ];
    if (series.length === 0 && check.empty === 'hold')
      return [
        problem(
          'CHECK_EMPTY',
          `Check "${check.name}" answers nothing now, and nothing is never a pass.`,
          'A ratio without errors has no numerator: write (… or vector(0)), or set empty: zero.',
          [query],
        ),
      ];
    const findings: Finding[] = warnings.map((text) =>
      warning('CHECK_WARNS', `Check "${check.name}": Prometheus warns: ${text}`, 'A look with a warning is a hold.', [
        query,
      ]),
    );
    const red = series.find(
      ({ value }) => (check.max !== undefined && value > check.max) || (check.min !== undefined && value < check.min),
    );
    if (red !== undefined && !started)
      findings.push(
        problem(
          'CHECK_RED_BEFORE_START',
          `Check "${check.name}" is ${red.value} already, outside its limits.`,
          'Repair the service or correct the limits.',
          [query],
        ),
      );
    return findings;
  } catch (failure) {
    if (failure instanceof UpgradeError)
      return [problem(failure.code, `Check "${check.name}": ${failure.message}`, failure.hint, [query])];
    throw failure;
  }
}
