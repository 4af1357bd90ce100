import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProcessRunner } from '../../src/istioctl/process-runner.ts';

const PATH = '/usr/bin:/bin';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'process-runner-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A small program in place of istioctl. */
function program(...lines: string[]): string {
  const file = join(folder, 'istioctl');
  writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(file, 0o755);
  return file;
}

function isRunning(pid: number): boolean {
  // A zombie still has an entry until it is reaped; it does nothing any more.
  const status = `/proc/${pid}/status`;
  return existsSync(status) && !/^State:\s+[ZX]/m.test(readFileSync(status, 'utf8'));
}

describe('a process', () => {
  it('is reported with both outputs and its exit code', async () => {
    const runner = createProcessRunner({ binary: program('echo "out $1"', 'echo err >&2', 'exit 79'), env: { PATH } });
    expect(await runner.run(['a b'], { timeoutMs: 120_000 })).toMatchObject({
      exitCode: 79,
      stdout: 'out a b',
      stderr: 'err',
      timedOut: false,
    });
  });

  it('sees only the environment that it is given, and no input', async () => {
    const runner = createProcessRunner({
      binary: program('cat', 'env'),
      env: { PATH, KUBECONFIG: 'k', ABSENT: undefined },
    });
    const { stdout } = await runner.run([], { timeoutMs: 120_000 });
    const names = stdout.split('\n').map((line) => line.split('=', 1)[0]);
    expect(names.filter((name) => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name ?? '')).toSorted()).toEqual([
      'KUBECONFIG',
      'PATH',
    ]);
  });

  it('is found on the PATH that it is given', async () => {
    program('echo found');
    const runner = createProcessRunner({ binary: 'istioctl', env: { PATH: `${folder}:${PATH}` } });
    expect(await runner.run([], { timeoutMs: 120_000 })).toMatchObject({ stdout: 'found' });
  });

  it('leads a process group of its own, which Ctrl-C does not reach', async () => {
    const runner = createProcessRunner({ binary: program('echo $$', 'cut -d" " -f5 /proc/$$/stat'), env: { PATH } });
    const { stdout } = await runner.run([], { timeoutMs: 120_000 });
    const [pid, group] = stdout.split('\n');
    expect(group).toBe(pid);
  });

  it('is killed at its deadline together with its children, even those that ignore SIGTERM', async () => {
    const pidFile = join(folder, 'pid');
    const binary = program(
      `sh -c 'trap "" TERM; echo $$ > ${pidFile}; while :; do sleep 0.1; done' >/dev/null 2>&1 &`,
      'echo begun',
      'while :; do sleep 0.1; done',
    );
    const result = await createProcessRunner({ binary, env: { PATH } }).run([], { timeoutMs: 3_000 });
    expect(result).toMatchObject({ timedOut: true, stdout: 'begun' });
    const pid = Number(readFileSync(pidFile, 'utf8'));
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it('that a signal ended gets the exit code that a shell gives', async () => {
    const runner = createProcessRunner({ binary: program('kill -9 $$'), env: { PATH } });
    expect(await runner.run([], { timeoutMs: 120_000 })).toMatchObject({ exitCode: 137, timedOut: false });
  });

  it('is killed when the run is aborted, and fails with the reason', async () => {
    const controller = new AbortController();
    const marker = join(folder, 'begun');
    const binary = program(`touch ${marker}`, 'while :; do sleep 0.1; done');
    const running = createProcessRunner({ binary, env: { PATH }, signal: controller.signal }).run([], {
      timeoutMs: 120_000,
    });
    const ended = expect(running).rejects.toThrow('the run ends now');
    await expect.poll(() => existsSync(marker)).toBe(true);
    controller.abort(new Error('the run ends now'));
    await ended;
  });

  it.for([
    { when: 'is not there', binary: () => join(folder, 'nothing'), reason: 'there is no such program' },
    {
      when: 'may not be executed',
      binary: () => {
        const file = program('exit 0');
        chmodSync(file, 0o644);
        return file;
      },
      reason: 'it may not be executed',
    },
  ])('that $when is reported as missing', async ({ binary, reason }) => {
    const file = binary();
    await expect(
      createProcessRunner({ binary: file, env: { PATH } }).run([], { timeoutMs: 120_000 }),
    ).rejects.toMatchObject({
      code: 'ISTIOCTL_MISSING',
      message: `Cannot start ${file}: ${reason}.`,
    });
  });
});
