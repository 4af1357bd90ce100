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

  it('upgrades through the command line while every request is served, keeps report and logs, and leaves no cluster', async () => {
    const { exitCode, all } = await rehearse('--scenario', 'seed');
    expect(exitCode, all).toBe(0);
    expect(all).toContain('✔ bar/bar was called more than once a second, and no request failed');
    expect(existsSync(join(folder, 'rehearsal-report-seed-kind.json'))).toBe(true);
    expect(readdirSync(join(folder, 'rehearsal-logs-seed-kind')).length).toBeGreaterThan(0);
    expect(await clusters()).toBe('');
  });

  it('rolls a bad release back through action.yml, with the tag back within a second', async () => {
    const { exitCode, all } = await rehearse('--scenario', 'bad-release', '--entry-point', 'action');
    expect(exitCode, all).toBe(0);
    expect(await clusters()).toBe('');
  });

  it('that is interrupted while it installs ends soon, and leaves no cluster', async () => {
    const rehearsing = rehearse('--scenario', 'seed');
    let printed = '';
    rehearsing.all.on('data', (chunk) => {
      if (!printed.includes('installing Istio') && `${printed}${chunk}`.includes('installing Istio'))
        rehearsing.kill('SIGINT');
      printed += String(chunk);
    });
    const { exitCode } = await rehearsing;
    expect(exitCode, printed).toBe(130);
    expect(printed).toContain('Interrupted; what it made is gone again.');
    expect(await clusters()).toBe('');
  });
});
