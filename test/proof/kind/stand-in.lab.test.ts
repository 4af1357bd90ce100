import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildLab } from '../../../harness/proof/lab/build.ts';
import { rehearse } from '../../../harness/rehearsal/rehearsal.ts';
import { findScenario } from '../../../harness/rehearsal/scenarios/shipped-scenarios.ts';

const standIn = join(import.meta.dirname, '../../../harness/proof/kind/stand-in/kind');
const folder = mkdtempSync(join(tmpdir(), 'kind-test-'));
const dockerCalls = join(folder, 'docker-calls');
const bin = join(folder, 'bin');
const env: NodeJS.ProcessEnv = {
  ...process.env,
  KIND: standIn,
  PATH: [bin, dirname(process.execPath), process.env['PATH']].join(delimiter),
};

const clustersOf = async (pid = 0) => {
  const { stdout } = await execa(standIn, ['get', 'clusters'], { env, timeout: 20_000 });
  return stdout.split('\n').filter((name) => name.startsWith(`istio-rehearsal-${pid}-`));
};
const made = [process.pid];

describe('a rehearsal on kind, with labs as stand-ins', () => {
  beforeAll(async () => {
    await buildLab({ env: process.env, tell: (line) => console.log(line), signal: undefined });
    mkdirSync(bin);
    // A docker that has every image.
    writeFileSync(join(bin, 'docker'), `#!/bin/sh\necho "$@" >>${dockerCalls}\n`);
    chmodSync(join(bin, 'docker'), 0o755);
  });
  afterAll(async () => {
    for (const pid of made)
      for (const name of await clustersOf(pid)) await execa(standIn, ['delete', 'cluster', '--name', name], { env });
    rmSync(folder, { recursive: true, force: true });
  });

  it('upgrades through the committed bundle while every request is served, keeps report and logs, and leaves no cluster', async () => {
    const told: string[] = [];
    const { failed, expectations, reportFile } = await rehearse('kind', findScenario('seed'), {
      reportFolder: folder,
      tell: (text) => void told.push(text),
      signal: AbortSignal.timeout(240_000),
      kind: { env },
    });
    expect(failed, told.join('')).toEqual([]);
    expect(expectations.map(({ claim }) => claim)).toContain(
      'bar/bar was called more than once a second, and no request failed',
    );
    expect(existsSync(reportFile)).toBe(true);
    expect(readdirSync(join(folder, 'rehearsal-logs-seed-kind'))).toContain('kube-apiserver.log');
    expect(readFileSync(dockerCalls, 'utf8')).toContain('pull --quiet docker.io/istio/proxyv2:1.31.0');
    expect(told.join('')).not.toContain('the node pulls the images by itself');
    expect(await clustersOf(process.pid)).toEqual([]);
  });

  it('that is interrupted while it installs ends soon, and leaves no cluster and no kubeconfig', async () => {
    const program = join(import.meta.dirname, '../../../harness/rehearsal/rehearse.ts');
    const temp = mkdtempSync(join(folder, 'temp-'));
    const args = [program, '--backend', 'kind', '--scenario', 'seed', '--report-folder', folder];
    const rehearsing = execa(process.execPath, args, {
      env: { ...env, TMPDIR: temp },
      reject: false,
      all: true,
      timeout: 120_000,
    });
    made.push(rehearsing.pid ?? 0);
    let said = '';
    rehearsing.all.on('data', (chunk) => {
      if (!said.includes('installing Istio') && `${said}${chunk}`.includes('installing Istio'))
        rehearsing.kill('SIGINT');
      said += String(chunk);
    });
    const { exitCode } = await rehearsing;
    expect(exitCode, said).toBe(130);
    expect(said).toContain('Interrupted; what it created is deleted.');
    expect(await clustersOf(rehearsing.pid)).toEqual([]);
    expect(readdirSync(temp)).toEqual([]);
  });
});
