import { Gauge, Registry } from 'prom-client';
import type { RunReport } from './run-report.ts';

const prefix = 'istio_canary_upgrade_';

/**
 * A run as metrics in Prometheus' text format, for a textfile collector or a Pushgateway. All are gauges: they describe the last
 * run, and a resumed run replaces them.
 */
export async function renderMetrics(report: RunReport): Promise<string> {
  const registry = new Registry();
  const { plan, stages, phases = [], waves, samples, cost } = report;
  registry.setDefaultLabels(plan === undefined ? {} : { tag: plan.tag, from: plan.from, to: plan.to });
  const gauge = (name: string, help: string, labelNames: readonly string[], rows: readonly Row[]) => {
    const metric = new Gauge({ name: `${prefix}${name}`, help, labelNames, registers: [registry] });
    for (const [labels, value] of rows) metric.inc(labels, value);
  };
  const seconds = (ms: number) => ms / 1000;

  gauge('run_start_timestamp_seconds', 'When the run began.', [], [[{}, seconds(report.startedAt)]]);
  gauge('run_duration_seconds', 'How long the run took.', [], [[{}, seconds(report.durationMs)]]);
  gauge(
    'run_outcome',
    'The outcome of the run; always 1. An error or a run under way is "none".',
    ['outcome'],
    [[{ outcome: report.outcome?.kind ?? 'none' }, 1]],
  );
  gauge(
    'stage_duration_seconds',
    'How long a stage took in this run, by name and direction.',
    ['stage', 'direction'],
    stages.map(({ name, direction, durationMs }) => [{ stage: name, direction }, seconds(durationMs)]),
  );
  gauge(
    'wave_duration_seconds',
    'How long a wave was restarted and baked in this run.',
    ['wave', 'phase'],
    phases.map(({ wave, phase, durationMs }) => [{ wave, phase }, seconds(durationMs)]),
  );
  gauge(
    'wave_state',
    'The state of each wave, also from earlier runs: not begun, restarting, baking or the verdict; always 1.',
    ['wave', 'state'],
    waves.map(({ name, state }) => [{ wave: name, state }, 1]),
  );
  gauge(
    'pods',
    'Live pods in the mesh by revision, in the last snapshot.',
    ['revision'],
    Object.entries(samples?.pods.at(-1)?.pods ?? {}).map(([revision, count]) => [{ revision }, count]),
  );
  gauge('restarted_workloads', 'Workloads that this run restarted.', [], [[{}, cost.restartedWorkloads]]);
  gauge(
    'api_requests',
    'Requests of this run to the API server, by verb.',
    ['verb'],
    Object.entries(cost.requests).map(([verb, count]) => [{ verb }, count]),
  );
  if (cost.failToTagBackMs !== null)
    gauge(
      'tag_back_seconds',
      'From the verdict against a wave until the tag named the old revision.',
      [],
      [[{}, seconds(cost.failToTagBackMs)]],
    );
  return await registry.metrics();
}

/** Those with the same labels are added up: a stage may be left and entered again. */
type Row = [labels: Record<string, string>, value: number];
