import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { renderMetrics } from '../../src/report/render-metrics.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { writeMetrics } from '../../src/report/write-metrics.ts';

const stage = { number: 5, title: '', startedAt: 0, direction: 'forward', done: true, proof: '' } as const;

const report = {
  schema: 1,
  outcome: { kind: 'rolled-back' },
  plan: { tag: 'default', from: '1-30-4', to: '1-31-0' },
  startedAt: 1_700_000_000_500,
  durationMs: 83_000,
  stages: [
    { ...stage, name: 'restart-canary', durationMs: 2_000 },
    { ...stage, name: 'restart-canary', durationMs: 500 },
    { ...stage, name: 'move-tag', direction: 'back', durationMs: 1_000 },
  ],
  effects: [],
  verdicts: [],
  waves: [{ name: 'canary', namespaces: ['bar'], state: 'fail', reason: 'a "quoted"\nreason', checks: [] }],
  phases: [{ wave: 'canary', phase: 'bake', startedAt: 0, durationMs: 12_000, verdict: 'fail' }],
  samples: { pods: [{ at: 0, pods: { '1-30-4': 9, '1-31-0': 4 } }], gate: [] },
  findings: [],
  cost: {
    requests: { get: 3, patch: 2 },
    restartedWorkloads: 2,
    requestsPerRestart: null,
    requestsPerRestartWhileRestarting: null,
    failToTagBackMs: 400,
  },
} as unknown as RunReport;

const common = 'tag="default",from="1-30-4",to="1-31-0"';

describe('the metrics of a run', () => {
  it.for([
    'run_start_timestamp_seconds{COMMON} 1700000000.5',
    'run_duration_seconds{COMMON} 83',
    'run_outcome{outcome="rolled-back",COMMON} 1',
    'stage_duration_seconds{stage="restart-canary",direction="forward",COMMON} 2.5',
    'stage_duration_seconds{stage="move-tag",direction="back",COMMON} 1',
    'wave_duration_seconds{wave="canary",phase="bake",COMMON} 12',
    'wave_state{wave="canary",state="fail",COMMON} 1',
    'pods{revision="1-31-0",COMMON} 4',
    'api_requests{verb="patch",COMMON} 2',
    'tag_back_seconds{COMMON} 0.4',
  ])('have %s', async (line) => {
    const lines = (await renderMetrics(report)).split('\n');
    expect(lines).toContain(`istio_canary_upgrade_${line.replace('COMMON', common)}`);
  });

  it('of a run without a plan and an outcome have no labels of a plan', async () => {
    const { outcome: _outcome, samples: _samples, phases: _phases, ...rest } = report;
    const text = await renderMetrics({
      ...rest,
      plan: undefined,
      waves: [],
      cost: { ...rest.cost, failToTagBackMs: null },
    });
    expect(text).toContain('istio_canary_upgrade_run_outcome{outcome="none"} 1');
    expect(text).not.toContain('tag_back_seconds');
  });

  it('replace the file of the previous run, and leave no other file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'metrics-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'istio.prom');
    await writeMetrics(file, report);
    await writeMetrics(file, { ...report, durationMs: 1_000 });
    expect(readdirSync(folder)).toEqual(['istio.prom']);
    expect(readFileSync(file, 'utf8')).toContain(`run_duration_seconds{${common}} 1\n`);
  });
});
