import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lab } from '../../../harness/proof/lab/lab.ts';
import { rehearseInventory } from '../../../harness/rehearsal/inventory/rehearse-inventory.ts';
import type { RunReport } from '../../../src/report/run-report.ts';
import { runProduct, startSeedLab, writeConfig } from '../../lab/seed-lab.ts';

/** Milliseconds from the first restart of a wave to its verdict. */
const spanOf = ({ phases = [] }: RunReport, wave: string): number =>
  phases.filter((each) => each.wave === wave).reduce((sum, { durationMs }) => sum + durationMs, 0);

// A whole upgrade besides the start of a lab: a minute and a half that not every run of the suite should take.
describe.runIf(process.env['PREDICTION'] === '1')('the rehearsal of an exported inventory', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startSeedLab();
  });
  afterAll(() => lab?.stop());

  it("predicts the lab's own upgrade: the same order, the same end, wave times within a fifth", async () => {
    const config = writeConfig(lab, 'inventory');
    const inventory = join(lab.stateDir, 'inventory.json');
    const exported = await runProduct(lab, ['export', '--config', config, '--out', inventory]);
    expect(exported.exitCode, exported.text).toBe(0);
    const { prediction } = await rehearseInventory({
      inventory,
      config,
      seed: 42,
      reportFolder: lab.stateDir,
      tell: () => undefined,
    });
    const reportFile = join(lab.stateDir, 'upgrade.json');
    const upgraded = await runProduct(lab, ['upgrade', '--config', config, '--report', reportFile]);
    expect(upgraded.exitCode, upgraded.text).toBe(0);
    const report = JSON.parse(readFileSync(reportFile, 'utf8')) as RunReport;

    expect(prediction.outcome, JSON.stringify(prediction)).toBe(report.outcome?.kind);
    expect(prediction.stages.map(({ name }) => name)).toEqual(report.stages.map(({ name }) => name));
    expect(prediction.waves.map(({ name, namespaces, verdict }) => ({ name, namespaces, verdict }))).toEqual(
      report.waves.map(({ name, namespaces, state }) => ({ name, namespaces, verdict: state })),
    );
    const pods = report.samples?.pods.at(-1)?.pods ?? {};
    expect(prediction.end.podsByRevision).toEqual(
      Object.fromEntries(Object.entries(pods).filter(([, count]) => count > 0)),
    );
    const times = prediction.waves.map(({ name, restartMs, bakeMs }) => ({
      name,
      predicted: restartMs + bakeMs,
      real: spanOf(report, name),
    }));
    for (const { predicted, real } of times) expect(predicted / real, JSON.stringify(times)).toBeGreaterThan(0.8);
    for (const { predicted, real } of times) expect(predicted / real, JSON.stringify(times)).toBeLessThan(1.2);
  });
});
