import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLiving, sweepDeadLabs, writeRecord } from '../../../harness/proof/lab/lab-record.ts';
import { identify } from '../../../harness/proof/lab/process-identity.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const self = () => identify(process.pid) ?? { pid: 0, startTime: '' };

function lab(name: string, holder = self()): string {
  const stateDir = join(folder, name);
  mkdirSync(stateDir);
  writeRecord(stateDir, { holder, uid: 0, binaries: '', contents: { releases: [], kubernetes: '1.36' } });
  return stateDir;
}

describe('the state of labs', () => {
  it('belongs to a lab while its holder runs', () => {
    expect(readLiving(lab('living'))?.holder.pid).toBe(process.pid);
  });

  it('is not that of a lab when another process has the process id of the dead holder', () => {
    expect(readLiving(lab('dead', { pid: process.pid, startTime: '1' }))).toBeUndefined();
  });

  it('is removed only after the lab has ended', () => {
    lab('living');
    lab('dead', { pid: process.pid, startTime: '1' });
    mkdirSync(join(folder, 'being made'));
    writeFileSync(join(folder, 'being made', 'file'), '');
    expect(sweepDeadLabs(folder)).toEqual(['dead']);
    expect(readdirSync(folder).sort()).toEqual(['being made', 'living']);
  });
});
