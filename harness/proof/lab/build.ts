import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { buildKey, readStamp, verifyBinaries, writeStamp } from './build-stamp.ts';
import type { GoModule } from './go-module.ts';
import { BuildFailed, GoMissing } from './lab-errors.ts';
import { withLockFile } from './lock-file.ts';
import { labModules } from './modules.ts';
import { binariesFolder } from './places.ts';

export interface BuildOptions {
  env: NodeJS.ProcessEnv;
  /** Gets a line per step that takes long. */
  tell: (line: string) => void;
  signal?: AbortSignal | undefined;
}

const BUILD_DEADLINE_MS = 60 * 60_000;

/**
 * Builds the binaries of a lab for which nothing but the defaults is asked.
 * @throws GoMissing if something must be built without Go; BuildFailed
 */
export const buildLab = (options: BuildOptions): Promise<string> => buildModules(labModules(), options);

/**
 * Builds what is missing or was built from something else.
 * @returns the folder of binaries, with a folder per module
 * @throws GoMissing if something must be built without Go; BuildFailed
 */
export async function buildModules(modules: readonly GoModule[], { env, tell, signal }: BuildOptions): Promise<string> {
  const root = binariesFolder(env);
  mkdirSync(root, { recursive: true });
  if (modules.some((module) => !isBuilt(root, module))) {
    await expectGo(env);
    const onWait = (pid: number) => tell(`waiting for the build of process ${pid}`);
    await withLockFile(join(root, 'lock'), { deadlineMs: BUILD_DEADLINE_MS, onWait, signal }, async () => {
      for (const module of modules) {
        if (isBuilt(root, module)) continue;
        tell(`building ${module.title} (about ${module.duration}, once)`);
        await buildModule(root, module, env, signal);
      }
    });
  }
  return root;
}

/**
 * Compares every binary with the sum its build wrote down; reads 0.9 GB for the lab.
 * @throws BinaryChanged
 */
export async function verifyModules(modules: readonly GoModule[], root: string): Promise<void> {
  for (const module of modules) {
    const folder = join(root, module.name);
    const stamp = readStamp(folder);
    if (!stamp) throw new BuildFailed(module.name, `no stamp in ${folder}`);
    await verifyBinaries(folder, stamp);
  }
}

function keyOf(module: GoModule): string {
  const read = (file: string) => readFileSync(join(module.sources, file), 'utf8');
  const goFiles = readdirSync(module.sources).filter((file) => file.endsWith('.go'));
  return buildKey({ goMod: read('go.mod'), goSum: read('go.sum'), go: goFiles.sort().map(read) }, module);
}

const isBuilt = (root: string, module: GoModule) => readStamp(join(root, module.name))?.key === keyOf(module);

async function expectGo(env: NodeJS.ProcessEnv): Promise<void> {
  try {
    await execa('go', ['version'], { env, extendEnv: false, timeout: 30_000 });
  } catch (cause) {
    throw new GoMissing({ cause });
  }
}

/** Builds aside and moves into place at the end, so that a killed build leaves nothing that looks whole. */
async function buildModule(root: string, module: GoModule, env: NodeJS.ProcessEnv, signal?: AbortSignal) {
  const work = mkdtempSync(join(tmpdir(), `lab-${module.name}-`));
  const built = join(root, `${module.name}.building`);
  rmSync(built, { recursive: true, force: true });
  mkdirSync(built);
  try {
    // Whatever Go writes beside go.mod, the checkout stays as it is.
    cpSync(module.sources, work, { recursive: true });
    const go = async (args: readonly string[]) => {
      const { stdout, stderr, failed } = await execa('go', args, {
        cwd: work,
        // The compiler spends a quarter of its time on collecting garbage otherwise.
        env: { GOGC: '800', ...env, GOBIN: built, GOWORK: 'off', ...(module.isStatic && { CGO_ENABLED: '0' }) },
        extendEnv: false,
        timeout: BUILD_DEADLINE_MS,
        reject: false,
        ...(signal && { cancelSignal: signal }),
      });
      signal?.throwIfAborted();
      if (failed) throw new BuildFailed(module.name, stderr.split('\n').slice(-20).join('\n'));
      return stdout;
    };
    await go(['install', '-mod=readonly', '-trimpath', '-buildvcs=false', ...module.flags, 'tool']);
    const assets = module.assets ? await copyAssets(module.assets, built, go) : [];
    await writeStamp(built, keyOf(module), [...module.binaries, ...assets]);
    rmSync(join(root, module.name), { recursive: true, force: true });
    renameSync(built, join(root, module.name));
  } finally {
    rmSync(work, { recursive: true, force: true });
    rmSync(built, { recursive: true, force: true });
  }
}

async function copyAssets(
  { from, files }: NonNullable<GoModule['assets']>,
  target: string,
  go: (args: readonly string[]) => Promise<string>,
): Promise<string[]> {
  const source = await go(['list', '-m', '-f', '{{.Dir}}', from]);
  for (const file of files) cpSync(join(source, file), join(target, basename(file)), { recursive: true });
  return files.flatMap((file) => filesBelow(target, basename(file)));
}

/** Paths relative to `root`. */
function filesBelow(root: string, path: string): string[] {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path)).flatMap((name) => filesBelow(root, join(path, name)));
}
