import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { servedConfig } from '../../harness/rehearsal/sim/serve/served-config.ts';
import { reportText } from '../../src/report/report-text.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { serving } from '../rehearsal/sim/serve-fixtures.ts';
import { enchant, lockByAStranger } from './hostile-mesh.ts';
import { expectHarmlessLog, expectHarmlessPage, marker } from './spells.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

describe('a mesh full of hostile text, on the command line', () => {
  it('is checked, upgraded and rolled back, and its text stays inert in log, result and report', async () => {
    const served = await serving({ speed: 20, servedBeforeMs: 10 * 60_000 });
    enchant(served.sim);
    const config = join(served.folder, 'istio-upgrade.yaml');
    const file = join(served.folder, 'report.json');
    writeFileSync(config, servedConfig(served.istioctl));
    const run = (...args: string[]) =>
      execa(process.execPath, [main, ...args, '--config', config, '--kubeconfig', served.kubeconfig], {
        env: { NODE_OPTIONS: served.nodeOptions },
        reject: false,
        timeout: 50_000,
      });

    const checked = await run('check');
    expect(checked.stdout).toContain(`${marker}-finding`);
    expectHarmlessLog(checked.stdout);

    const upgraded = await run('upgrade', '--report', file);
    expect(upgraded.exitCode, upgraded.stderr).toBe(5);
    expect(upgraded.stderr).toContain(`${marker}-image`);
    expect(upgraded.stderr).not.toContain(served.token);
    expectHarmlessLog(upgraded.stderr);

    const json = readFileSync(file, 'utf8');
    expect(json).toContain(marker);
    expectHarmlessLog(json);
    const report = JSON.parse(json) as RunReport;
    expect(report.outcome?.kind).toBe('rolled-back');
    const page = reportText('report.html', report);
    expect(page).toContain(marker);
    expectHarmlessPage(page);

    lockByAStranger(served.sim);
    const [status, document, unlocked] = await Promise.all([
      run('status'),
      run('status', '--output', 'json'),
      run('unlock', '--holder', 'another-run'),
    ]);
    expect(status.stdout).toContain(`${marker}-holder`);
    expect(JSON.parse(document.stdout)).toMatchObject({ lock: { id: expect.stringContaining(marker) as string } });
    expect(unlocked.stderr).toContain('LOCK_HOLDER_DIFFERS');
    for (const text of [status.stdout, document.stdout, unlocked.stderr]) expectHarmlessLog(text);
  });
});
