import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openContainers } from '../../harness/proof/containers/build.ts';
import type { Engine } from '../../harness/proof/containers/engine.ts';
import { workloadImages } from '../../harness/proof/kind/manifests.ts';

const { env } = process;
const folder = mkdtempSync(join(tmpdir(), 'kind-rehearsals-'));
const program = join(import.meta.dirname, '../../harness/rehearsal/rehearse.ts');
const rehearse = (...words: string[]) =>
  execa(process.execPath, [program, '--backend', 'kind', '--report-folder', folder, ...words], {
    env,
    reject: false,
    all: true,
    timeout: 900_000,
  });

describe('a rehearsal on real containers', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openContainers({ env, workloads: workloadImages(), detached: false, tell: console.log });
  });
  afterAll(async () => {
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const clusters = async () => await engine.docker.run(['ps', '--all', '--quiet']);

  it('rolls a bad release back through action.yml, completes after its repair while every client calls on, and leaves no cluster', async () => {
    const { exitCode, all } = await rehearse('--scenario', 'repaired-release', '--entry-point', 'action');
    expect(exitCode, all).toBe(0);
    expect(all).toContain('✔ first upgrade had the tag back within');
    expect(all).toContain('✔ the gateways counted about what the client outside sent, and what failed of it');
    expect(existsSync(join(folder, 'rehearsal-report-repaired-release-kind.json'))).toBe(true);
    expect(readdirSync(join(folder, 'rehearsal-logs-repaired-release-kind')).length).toBeGreaterThan(0);
    expect(await clusters()).toBe('');
  });

  it('that is interrupted while kind creates the cluster ends soon, and leaves no cluster', async () => {
    const rehearsing = rehearse('--scenario', 'seed');
    const moment = 'creating the kind cluster';
    let printed = '';
    rehearsing.all.on('data', (chunk) => {
      const before = printed;
      printed += String(chunk);
      if (!before.includes(moment) && printed.includes(moment)) rehearsing.kill('SIGINT');
    });
    const { exitCode } = await rehearsing;
    expect(exitCode, printed).toBe(130);
    expect(printed).toContain('Interrupted; what it created is deleted.');
    expect(await clusters()).toBe('');
  });
});
