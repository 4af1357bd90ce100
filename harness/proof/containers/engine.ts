import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabDidNotStart } from '../lab/lab-errors.ts';
import { spawnLogged } from '../lab/logged-process.ts';
import { identify, isAlive, type ProcessIdentity } from '../lab/process-identity.ts';
import { waitUntil } from '../lab/wait-until.ts';
import { createCgroups, hierarchies, leftCgroups, removeCgroups } from './cgroups.ts';
import { type Docker, dockerCli } from './docker.ts';
import { type ContainerPlaces, containerPlaces } from './places.ts';

/** A running Docker engine in network, mount, process, cgroup, IPC and host name namespaces that only it uses. */
export interface Engine {
  places: ContainerPlaces;
  docker: Docker;
  /** The words before a command that run it in the engine's network, where clusters and their ports are reached. */
  joining(): readonly string[];
  /** Ends every process of it, and removes its cgroups. @throws Error if something is left */
  stop(): Promise<void>;
}

export interface EngineOptions {
  env: NodeJS.ProcessEnv;
  /** A detached engine lives on when this process ends; another ends with it, however it ends. */
  detached: boolean;
  signal?: AbortSignal | undefined;
}

const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 30_000;

/**
 * Starts the engine in the folder that `buildDebianRoot` made. Containers that an earlier engine left are removed.
 * @throws LabDidNotStart
 */
export async function startEngine({ env, detached, signal }: EngineOptions): Promise<Engine> {
  const places = containerPlaces(env);
  if (attachEngine(env)) throw new LabDidNotStart('another engine is running', places.logs);
  for (const folder of [places.data, places.logs]) mkdirSync(folder, { recursive: true });
  await sweepDeadEngine(env);
  installRunc(places.machineRoot);
  const child = launch(places, env, detached);
  const holder = identify(child.pid ?? 0);
  if (!holder) throw new LabDidNotStart('the engine ended at once', places.logs);
  writeFileSync(places.record, JSON.stringify(holder));
  const engine = connectTo(holder, places, env);
  const isUp = async () => {
    if (!isAlive(holder)) throw new LabDidNotStart(lastWords(places), places.logs);
    return existsSync(places.socket) && (await engine.docker.answers());
  };
  try {
    await waitUntil('the start of the Docker engine', isUp, { deadlineMs: START_DEADLINE_MS, everyMs: 200, signal });
    await engine.docker.removeContainers();
  } catch (failure) {
    await engine.stop();
    throw failure;
  }
  return engine;
}

/** @returns the engine that is running, undefined if none is */
export function attachEngine(env: NodeJS.ProcessEnv): Engine | undefined {
  const places = containerPlaces(env);
  if (!existsSync(places.record)) return undefined;
  const holder = JSON.parse(readFileSync(places.record, 'utf8')) as ProcessIdentity;
  return isAlive(holder) ? connectTo(holder, places, env) : undefined;
}

/** Removes what an engine that was killed left: the kernel has ended its processes and mounts; its cgroups and files stay. */
export async function sweepDeadEngine(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  if (attachEngine(env)) return [];
  const { record, socket } = containerPlaces(env);
  const left = [...leftCgroups(), ...[record, socket].filter((file) => existsSync(file))];
  await waitForCgroups();
  for (const file of [record, socket]) rmSync(file, { force: true });
  return left;
}

/** This machine's bounding set may lack a capability that a privileged container asks for. */
function installRunc(root: string): void {
  const wrapper = readFileSync(join(import.meta.dirname, 'runc-wrapper.sh'), 'utf8');
  writeFileSync(join(root, 'usr/local/sbin/runc'), wrapper, { mode: 0o755 });
}

function launch(
  { machineRoot, data, folder, logs }: ContainerPlaces,
  env: NodeJS.ProcessEnv,
  detached: boolean,
): ChildProcess {
  const init = join(import.meta.dirname, 'engine-init.sh');
  const mounts = hierarchies().flatMap(({ name, options }) => [name, options]);
  const namespaces = ['--net', '--mount', '--pid', '--cgroup', '--ipc', '--uts', '--propagation', 'private'];
  const unshare = [
    'unshare',
    ...namespaces,
    '--fork',
    '--kill-child=SIGKILL',
    'sh',
    init,
    machineRoot,
    data,
    folder,
    ...mounts,
  ];
  // A cgroup namespace is rooted where its maker is, so the maker goes there first.
  const enter = 'for folder in $CGROUPS; do echo $$ >"$folder/cgroup.procs"; done; exec "$@"';
  const parentDeath = detached ? [] : ['setpriv', '--pdeathsig', 'KILL'];
  rmSync(join(logs, 'engine.log'), { force: true });
  const words = ['-c', enter, 'sh', ...parentDeath, ...unshare];
  const ownEnv = { PATH: env['PATH'], CGROUPS: createCgroups().join(' ') };
  // Out of the terminal's process group: Ctrl-C is for the caller, which then stops the engine.
  const child = spawnLogged({ name: 'engine', file: 'sh', args: words, logs, env: ownEnv }, 'ignore', {
    detached: true,
  });
  child.unref();
  return child;
}

function connectTo(holder: ProcessIdentity, places: ContainerPlaces, env: NodeJS.ProcessEnv): Engine {
  return {
    places,
    docker: dockerCli(places, env),
    joining: () => ['nsenter', '--target', String(firstProcess(holder.pid)), '--net', '--'],
    stop: async () => {
      const first = firstProcess(holder.pid);
      const isOver = () => !isAlive(holder);
      // dockerd then ends its containers. The shell before it ignores the signal, as every first process without a handler.
      if (first !== undefined && existsSync(places.socket)) {
        process.kill(first, 'SIGTERM');
        await waitUntil('the end of dockerd', isOver, { deadlineMs: STOP_DEADLINE_MS }).catch(() => undefined);
      }
      if (!isOver()) process.kill(holder.pid, 'SIGKILL');
      await waitUntil('the end of the engine', isOver, { deadlineMs: STOP_DEADLINE_MS });
      await waitForCgroups();
      for (const file of [places.record, places.socket]) rmSync(file, { force: true });
    },
  };
}

/** The kernel ends the last processes of a namespace a moment after its first one. */
const waitForCgroups = (): Promise<boolean> =>
  waitUntil('the end of every container', cgroupsAreGone, { deadlineMs: STOP_DEADLINE_MS });

function cgroupsAreGone(): boolean {
  try {
    removeCgroups();
    return true;
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === 'EBUSY') return false;
    throw failure;
  }
}

/** `unshare` waits outside; its only child is the first process inside. */
function firstProcess(pid: number): number | undefined {
  const file = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(file)) return undefined;
  const [first] = readFileSync(file, 'utf8').trim().split(' ');
  return first ? Number(first) : undefined;
}

function lastWords({ logs }: ContainerPlaces): string {
  return readFileSync(join(logs, 'engine.log'), 'utf8').trim().split('\n').at(-1) ?? 'it printed nothing';
}
