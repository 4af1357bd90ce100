import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLockFile } from '../../../harness/proof/lab/lock-file.ts';
import { identify } from '../../../harness/proof/lab/process-identity.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

const options = { deadlineMs: 0, onWait: () => undefined };

describe('the lock of the build', () => {
  it('is released, also when the work fails', async () => {
    const failing = withLockFile(path, options, () => Promise.reject(new Error('compile error')));
    await expect(failing).rejects.toThrow('compile error');
    expect(existsSync(path)).toBe(false);
  });

  it('is not taken from a running process, which is named', async () => {
    writeFileSync(path, JSON.stringify(identify(process.pid)));
    const holders: number[] = [];
    const waiting = withLockFile(path, { ...options, onWait: (pid) => holders.push(pid) }, () => Promise.resolve('in'));
    await expect(waiting).rejects.toThrow('did not happen');
    expect(holders).toEqual([process.pid]);
  });

  it('is taken over from a process that died, though another process has its id', async () => {
    writeFileSync(path, JSON.stringify({ pid: process.pid, startTime: '1' }));
    const taken = withLockFile(path, { ...options, deadlineMs: 5_000 }, () => Promise.resolve('in'));
    await expect(taken).resolves.toBe('in');
  });
});
