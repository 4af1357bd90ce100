import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { type BuildOptions, buildModules } from '../lab/build.ts';
import { readStamp } from '../lab/build-stamp.ts';
import { BuildFailed } from '../lab/lab-errors.ts';
import { withLockFile } from '../lab/lock-file.ts';
import { nodeImageName } from './built-images.ts';
import { linkCommands } from './commands.ts';
import { appRoot, buildDebianRoot, machineRoot } from './debian.ts';
import type { Docker } from './docker.ts';
import { attachEngine, type Engine, startEngine } from './engine.ts';
import { fetchEnvoy } from './envoy.ts';
import {
  APP_BASE,
  emptyNodeImage,
  type Image,
  type ImageSources,
  kubernetesImages,
  MACHINE_BASE,
  meshImages,
} from './images.ts';
import { CONTAINER_MODULES, KUBERNETES_VERSION } from './modules.ts';
import { type ContainerPlaces, containerPlaces } from './places.ts';
import { expectContainers } from './preconditions.ts';

export interface ContainersOptions extends BuildOptions {
  /** Images of the workloads, by the names in their manifests. */
  workloads: readonly string[];
}

const BUILD_DEADLINE_MS = 60 * 60_000;

/**
 * Builds what is missing: binaries, Debian's files, Envoy. Everything is kept in the cache.
 * @throws ContainersRefused, PackagesUnreachable or GoMissing if this machine cannot; BuildFailed
 */
async function buildSources({ env, tell, signal }: ContainersOptions): Promise<ImageSources> {
  await expectContainers(env);
  const places = containerPlaces(env);
  mkdirSync(places.folder, { recursive: true });
  const onWait = (pid: number) => tell(`waiting for the build of process ${pid}`);
  const binaries = await buildModules(CONTAINER_MODULES, { env, tell, signal });
  return await withLockFile(places.lock, { deadlineMs: BUILD_DEADLINE_MS, onWait, signal }, async () => {
    await buildDebianRoot(appRoot(places.appRoot), { env, tell, signal });
    await buildDebianRoot(machineRoot(places.machineRoot), { env, tell, signal });
    const envoy = await fetchEnvoy(places.envoy, { env, tell, signal });
    linkCommands(places, binaries);
    return { binaries, envoy, node: process.execPath };
  });
}

/**
 * Builds what is missing, starts the engine, and makes the images that are missing or were made from something else.
 * @throws ContainersRefused, GoMissing, BuildFailed; LabDidNotStart
 */
export async function openContainers(options: ContainersOptions & { detached: boolean }): Promise<Engine> {
  const { env, detached, tell, signal } = options;
  const running = attachEngine(env);
  if (running) return running;
  const sources = await buildSources(options);
  tell('starting the Docker engine');
  const engine = await startEngine({ env, detached, signal });
  try {
    await makeImages(engine, sources, options);
  } catch (failure) {
    await engine.stop();
    throw failure;
  }
  return engine;
}

async function makeImages(engine: Engine, sources: ImageSources, options: ContainersOptions): Promise<void> {
  const { places, docker } = engine;
  const { workloads, tell, signal } = options;
  const pause = await compilePause(sources.binaries, places, options.env);
  const listed = await execa(join(sources.binaries, 'kubernetes-node/kubeadm'), [
    ...['config', 'images', 'list', '--kubernetes-version', KUBERNETES_VERSION],
  ]);
  const kubernetes = kubernetesImages(sources, pause, [...listed.stdout.trim().split('\n'), sandboxImage(sources)]);
  const mesh = meshImages(sources, workloads);
  const empty = emptyNodeImage(sources, KUBERNETES_VERSION);
  const key = keyOf([...kubernetes, ...mesh, empty], sources, places);
  if (await isMade(engine, key)) return;
  rmSync(places.imagesStamp, { force: true });
  tell('making images (about 3 minutes, once)');
  await docker.importFolder(places.appRoot, APP_BASE, ['built-from.json']);
  await docker.importFolder(places.machineRoot, MACHINE_BASE, ['built-from.json', 'var/lib/docker/*', 'sockets/*']);
  for (const image of [...kubernetes, ...mesh, empty]) {
    tell(`  ${image.name}`);
    await makeImage(docker, image, places, signal);
  }
  tell(`  ${nodeImageName}`);
  const inside = [...kubernetes, ...mesh].map(({ name }) => name).filter((name) => !name.startsWith('rehearsal/'));
  await makeNodeImage(docker, empty.name, inside, signal);
  await docker.run(['image', 'prune', '--force']);
  writeFileSync(places.imagesStamp, key);
}

async function isMade({ places, docker }: Engine, key: string): Promise<boolean> {
  if (!existsSync(places.imagesStamp) || readFileSync(places.imagesStamp, 'utf8') !== key) return false;
  return (await docker.run(['images', '--quiet', nodeImageName])) !== '';
}

/** Decided by every binary, by Debian's packages and by all text; not by the folder of this checkout. */
function keyOf(
  images: readonly Image[],
  { binaries, envoy, node }: ImageSources,
  { appRoot, machineRoot }: ContainerPlaces,
): string {
  const stamps = CONTAINER_MODULES.map(({ name }) => readStamp(join(binaries, name)));
  const roots = [appRoot, machineRoot].map((root) => statSync(join(root, 'built-from.json')).mtimeMs);
  const texts = images.flatMap(({ context }) =>
    Object.values(context)
      .filter((path) => path.startsWith(import.meta.dirname))
      .map((path) => readFileSync(path, 'utf8')),
  );
  const parts = [
    images.map(({ name, dockerfile }) => [name, dockerfile]),
    stamps,
    roots,
    texts,
    statSync(envoy).size,
    process.version,
    statSync(node).size,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

async function makeImage(docker: Docker, image: Image, places: ContainerPlaces, signal?: AbortSignal): Promise<void> {
  const context = mkdtempSync(join(places.folder, 'context-'));
  try {
    for (const [name, path] of Object.entries(image.context)) {
      mkdirSync(dirname(join(context, name)), { recursive: true });
      cpSync(path, join(context, name), { recursive: true, dereference: true });
    }
    writeFileSync(join(context, 'Dockerfile'), image.dockerfile);
    const args = Object.entries(image.args ?? {}).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
    await docker.run(['build', '--quiet', '--tag', image.name, ...args, context], { timeoutMs: 600_000, signal });
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

/** Puts images into the containerd of the node, unpacked when the node starts, as `kind build node-image` does. */
async function makeNodeImage(
  docker: Docker,
  empty: string,
  images: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const container = 'rehearsal-node-build';
  const start = [
    'run',
    '--detach',
    '--name',
    container,
    '--entrypoint',
    'sleep',
    '--security-opt',
    'seccomp=unconfined',
  ];
  await docker.run([...start, empty, 'infinity'], { signal });
  try {
    const inside = (script: string) => docker.run(['exec', container, 'bash', '-c', script], { signal });
    await inside(
      'containerd >/tmp/containerd.log 2>&1 & for try in $(seq 50); do ctr version >/dev/null 2>&1 && exit 0; sleep 0.2; done; cat /tmp/containerd.log; exit 1',
    );
    await docker.copyImages(images, container);
    await inside(
      'kill $(pidof containerd); while pidof containerd >/dev/null; do sleep 0.1; done; rm -f /tmp/containerd.log',
    );
    const entrypoint = 'ENTRYPOINT [ "/usr/local/bin/entrypoint", "/sbin/init" ]';
    await docker.run(['commit', '--change', entrypoint, container, nodeImageName], { timeoutMs: 600_000, signal });
  } finally {
    await docker.run(['rm', '--force', '--volumes', container]);
  }
}

/** The process of a pod's sandbox, from Kubernetes' own source. */
async function compilePause(binaries: string, { folder }: ContainerPlaces, env: NodeJS.ProcessEnv): Promise<string> {
  const file = join(folder, 'pause');
  const source = join(binaries, 'kubernetes-node/pause.c');
  const { failed, stderr } = await execa('gcc', ['-static', '-Os', '-DVERSION=3.10', '-o', file, source], {
    env,
    extendEnv: false,
    reject: false,
    timeout: 60_000,
  });
  if (failed) throw new BuildFailed('pause', stderr);
  return file;
}

/** kind's containerd has its own idea of the sandbox image, and kubeadm another. */
function sandboxImage({ binaries }: ImageSources): string {
  const config = readFileSync(join(binaries, 'kind/files/etc/containerd/config.toml'), 'utf8');
  const [, name] = /sandbox_image = "([^"]+)"/.exec(config) ?? [];
  if (name === undefined) throw new Error("kind's containerd config names no sandbox image");
  return name;
}
