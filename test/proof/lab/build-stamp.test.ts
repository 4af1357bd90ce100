import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildKey, readStamp, verifyBinaries, writeStamp } from '../../../harness/proof/lab/build-stamp.ts';
import type { GoModule } from '../../../harness/proof/lab/go-module.ts';
import { BinaryChanged } from '../../../harness/proof/lab/lab-errors.ts';

const sources = { goMod: 'module lab', goSum: 'h1:abc' };
const module: GoModule = {
  name: 'm',
  sources: '/m',
  title: 'M',
  duration: '1 minute',
  binaries: ['tool'],
  flags: ['-s'],
};

describe('the key of a build', () => {
  it('is the same for the same sources and flags', () => {
    expect(buildKey(sources, module)).toBe(buildKey({ ...sources }, { ...module, title: 'another title' }));
  });

  it.for([
    { what: 'a dependency', key: buildKey({ ...sources, goMod: 'module lab2' }, module) },
    { what: 'a checksum', key: buildKey({ ...sources, goSum: 'h1:abd' }, module) },
    { what: 'a flag', key: buildKey(sources, { ...module, flags: ['-w'] }) },
    { what: 'a Go file', key: buildKey({ ...sources, go: ['package main'] }, module) },
    { what: 'a build without cgo', key: buildKey(sources, { ...module, isStatic: true }) },
    { what: 'the list of binaries', key: buildKey(sources, { ...module, binaries: ['tool', 'other'] }) },
  ])('changes with $what', ({ key }) => {
    expect(key).not.toBe(buildKey(sources, module));
  });
});

describe('a stamp', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stamp-'));
    writeFileSync(join(folder, 'tool'), 'binary');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is missing where no build completed', () => {
    expect(readStamp(folder)).toBeUndefined();
  });

  it('accepts the binaries that were built', async () => {
    await writeStamp(folder, 'key', ['tool']);
    const stamp = readStamp(folder);
    expect(stamp?.key).toBe('key');
    await expect(verifyBinaries(folder, stamp ?? { key: '', sha256: {} })).resolves.toBeUndefined();
  });

  it.for([
    { what: 'changed', change: () => writeFileSync(join(folder, 'tool'), 'other') },
    { what: 'is gone', change: () => rmSync(join(folder, 'tool')) },
  ])('refuses a binary that $what', async ({ change }) => {
    await writeStamp(folder, 'key', ['tool']);
    const stamp = readStamp(folder);
    change();
    await expect(verifyBinaries(folder, stamp ?? { key: '', sha256: {} })).rejects.toThrow(BinaryChanged);
  });
});
