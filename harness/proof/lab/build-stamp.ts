import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { GoModule } from './go-module.ts';
import { BinaryChanged } from './lab-errors.ts';

/** Stands beside the binaries: what they were built from, and what they are. */
export interface BuildStamp {
  key: string;
  /** sha256 in hex by file name. */
  sha256: Record<string, string>;
}

const STAMP = 'stamp.json';

/** What decides a module's binaries: sources, flags and the files taken along. `go` are its own Go files, if it has any. */
export function buildKey(sources: { goMod: string; goSum: string; go?: readonly string[] }, module: GoModule): string {
  const { binaries, flags, assets, isStatic = false } = module;
  const parts = [sources.goMod, sources.goSum, ...binaries, ...flags, ...(assets?.files ?? []), ...(sources.go ?? [])];
  if (isStatic) parts.push('static');
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** @returns undefined if nothing was built there to the end */
export function readStamp(folder: string): BuildStamp | undefined {
  const path = join(folder, STAMP);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as BuildStamp) : undefined;
}

export async function writeStamp(folder: string, key: string, files: readonly string[]): Promise<void> {
  const sums = await Promise.all(files.map(async (file) => [file, await sha256Of(join(folder, file))] as const));
  writeFileSync(join(folder, STAMP), JSON.stringify({ key, sha256: Object.fromEntries(sums) }, null, 2));
}

/** @throws BinaryChanged for the first file that is not the one of the stamp */
export async function verifyBinaries(folder: string, { sha256 }: BuildStamp): Promise<void> {
  for (const [file, expected] of Object.entries(sha256)) {
    const path = join(folder, file);
    if (!existsSync(path) || (await sha256Of(path)) !== expected) throw new BinaryChanged(path);
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 4 << 20 }), hash);
  return hash.digest('hex');
}
