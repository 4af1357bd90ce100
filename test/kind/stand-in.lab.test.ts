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
import { kindBackend } from '../../harness/backends/kind-backend.ts';
import { buildLab } from '../../harness/lab/build.ts';
import { rehearse } from '../../harness/rehearsal.ts';
import { findScenario } from '../../harness/scenarios/shipped-scenarios.ts';

const standIn = join(import.meta.dirname, '../../harness/kind/stand-in/kind');
const folder = mkdtempSync(join(tmpdir(), 'kind-test-'));
const dockerCalls = join(folder, 'docker-calls');
const bin = join(folder, 'bin');
const env: NodeJS.ProcessEnv = {
  ...process.env,
  KIND: standIn,
  PATH: [bin, dirname(process.execPath), process.env['PATH']].join(delimiter),
};

const clusters = async () => {
  const { stdout } = await execa(standIn, ['get', 'clusters'], { env, timeout: 20_000 });
  return stdout.split('\n').filter((name) => name.startsWith(`istio-rehearsal-${process.pid}-`));
};
const tempFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('kind-rehearsal-'));

describe('a rehearsal on kind, played by labs', () => {
  beforeAll(async () => {
    await buildLab({ env: process.env, tell: (line) => console.log(line), signal: undefined });
    mkdirSync(bin);
    // A docker that has every image.
    writeFileSync(join(bin, 'docker'), `#!/bin/sh\necho "$@" >>${dockerCalls}\n`);
    chmodSync(join(bin, 'docker'), 0o755);
  });
  afterAll(async () => {
    for (const name of await clusters()) await execa(standIn, ['delete', 'cluster', '--name', name], { env });
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
    expect(expectations.map(({ claim }) => claim)).toContain('bar/bar was called all the time, and no request failed');
    expect(existsSync(reportFile)).toBe(true);
    expect(readdirSync(join(folder, 'rehearsal-logs-seed-kind'))).toContain('kube-apiserver.log');
    expect(readFileSync(dockerCalls, 'utf8')).toContain('pull --quiet docker.io/istio/proxyv2:1.31.0');
    expect(told.join('')).not.toContain('the node pulls the images by itself');
    expect(await clusters()).toEqual([]);
  });

  it('that is interrupted while it installs ends at once and leaves no cluster', async () => {
    const before = tempFolders();
    const interruption = new AbortController();
    const opening = kindBackend(findScenario('seed'), {
      door: 'cli',
      signal: interruption.signal,
      logs: join(folder, 'interrupted'),
      env,
      tell: (line) => {
        if (line.startsWith('installing Istio')) setTimeout(() => interruption.abort(new Error('interrupted')), 500);
      },
    });
    await expect(opening).rejects.toThrow('interrupted');
    expect(await clusters()).toEqual([]);
    expect(tempFolders()).toEqual(before);
    expect(readdirSync(join(folder, 'interrupted'))).toContain('etcd.log');
  });
});
