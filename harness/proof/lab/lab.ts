import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { execa, type Options, type ResultPromise } from 'execa';
import { buildModules, verifyModules } from './build.ts';
import { ControlClient, type KubeletControl, type LabStatus, type TrafficControl } from './control-client.ts';
import { type LabBinaries, labBinaries, linkCommands } from './lab-commands.ts';
import { LabDidNotStart } from './lab-errors.ts';
import { type LabRecord, readLiving, sweepDeadLabs, writeRecord } from './lab-record.ts';
import { type LabSize, seedSize } from './lab-size.ts';
import { spawnLogged } from './logged-process.ts';
import { DEFAULT_KUBERNETES, DEFAULT_RELEASES, type LabContents, labModules } from './modules.ts';
import { ADDRESSES, expectNamespaces, isolation, joining } from './network.ts';
import { labFiles, labsFolder } from './places.ts';
import { identify, isAlive } from './process-identity.ts';
import { openReach, type Reach } from './reach.ts';
import { waitUntil } from './wait-until.ts';

/** A running lab. Its network is its own: everything that talks to it runs through `exec`, or over `reach`. */
export interface Lab {
  stateDir: string;
  /** Valid inside the lab's network; for outside see `reach`. */
  kubeconfig: string;
  /** Valid inside the lab's network; for outside see `reach`. */
  prometheusUrl: string;
  /** The network namespace, as a path for `nsenter --net=`. */
  namespace: string;
  binaries: LabBinaries;
  contents: LabContents;
  traffic: TrafficControl;
  kubelet: KubeletControl;
  /** Stops a process where it stands (`prometheus`, `kube-apiserver`, ...), so that its callers hang; false lets it go on. */
  freezeProcess(name: string, frozen: boolean): Promise<void>;
  /** Runs a command inside the lab's network, with KUBECONFIG and PATH set for it. */
  exec<O extends Options>(command: string, args: readonly string[], options?: O): ResultPromise<O>;
  /** Opens the API server and Prometheus to this process, which stays outside. */
  reach(): Promise<Reach>;
  status(): Promise<LabStatus>;
  /** Ends every process and removes the lab's state. */
  stop(): Promise<void>;
}

export interface LabOptions extends Partial<LabContents> {
  /** Left out: a folder of its own, removed with the lab. */
  stateDir?: string;
  signal?: AbortSignal;
  /** Gets a line per step that takes long. */
  tell?: (line: string) => void;
  env?: NodeJS.ProcessEnv;
  /** Left out: big enough for the seed mesh. */
  size?: LabSize;
  /** Detached labs live on when this process ends; others end with it, however it ends. */
  detached?: boolean;
}

const START_DEADLINE_MS = 120_000;
const STOP_DEADLINE_MS = 20_000;

/**
 * Builds what is missing and starts a lab; resolves when its nodes and Prometheus are ready. No Istio is installed yet.
 * @throws LabRefused if this machine cannot run one, or no module of a release is pinned; BuildFailed, BinaryChanged; LabDidNotStart
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { signal, tell = () => undefined, env = process.env, detached = false, size = seedSize } = options;
  const { releases = DEFAULT_RELEASES, kubernetes = DEFAULT_KUBERNETES } = options;
  const contents = { releases, kubernetes };
  const modules = labModules(contents);
  const uid = process.getuid?.() ?? 0;
  await expectNamespaces(uid, env);
  const binaries = await buildModules(modules, { env, tell, signal });
  sweepDeadLabs(labsFolder(env));
  mkdirSync(labsFolder(env), { recursive: true });
  const ephemeral = options.stateDir === undefined;
  const stateDir = options.stateDir ?? mkdtempSync(join(labsFolder(env), 'lab-'));
  expectFree(stateDir);
  rmSync(stateDir, { recursive: true, force: true });
  mkdirSync(labFiles(stateDir).logs, { recursive: true, mode: 0o700 });
  linkCommands(stateDir, labBinaries(binaries, kubernetes), contents);

  tell('starting the control plane');
  const settings = { stateDir, binaries, kubernetes, attached: !detached, ephemeral, size };
  const supervisor = startSupervisor(settings, uid, env);
  const holder = identify(supervisor.pid ?? 0);
  if (!holder) throw new LabDidNotStart(await lastWords(stateDir), labFiles(stateDir).logs);
  const record = { holder, uid, binaries, contents };
  writeRecord(stateDir, record);
  const lab = connectTo(stateDir, record, env);
  try {
    // Side by side: the sums guard against accidents, and take about as long as the start.
    await Promise.all([untilReady(lab, record, signal), verifyModules(modules, binaries)]);
  } catch (error) {
    supervisor.kill('SIGKILL');
    await waitUntil('the end of the lab', () => !isAlive(holder), { deadlineMs: STOP_DEADLINE_MS, everyMs: 20 });
    // After a failure the logs are needed; the next start sweeps them away.
    if (signal?.aborted) rmSync(stateDir, { recursive: true, force: true });
    throw error;
  }
  return lab;
}

/** What is in the folder will be removed: it must be a dead lab's, or nothing. */
function expectFree(stateDir: string): void {
  if (readLiving(stateDir)) throw new LabDidNotStart('another one lives in the same folder', stateDir);
  const { record, logs } = labFiles(stateDir);
  const isLabs = existsSync(record) || existsSync(logs);
  if (!isLabs && existsSync(stateDir) && readdirSync(stateDir).length > 0)
    throw new LabDidNotStart(`${stateDir} has files that are not a lab's`, stateDir);
}

/** @returns the lab that lives in this folder, undefined if none does */
export function attachLab(stateDir: string, env: NodeJS.ProcessEnv = process.env): Lab | undefined {
  const record = readLiving(stateDir);
  return record && connectTo(stateDir, record, env);
}

interface SupervisorSettings {
  stateDir: string;
  binaries: string;
  kubernetes: string;
  attached: boolean;
  ephemeral: boolean;
  size: LabSize;
}

function startSupervisor(settings: SupervisorSettings, uid: number, env: NodeJS.ProcessEnv): ChildProcess {
  const [unshare = '', ...words] = isolation(uid);
  const program = [process.execPath, join(import.meta.dirname, 'supervisor.ts'), JSON.stringify(settings)];
  const supervisor = spawnLogged(
    { name: 'supervisor', file: unshare, args: [...words, ...program], logs: labFiles(settings.stateDir).logs, env },
    // The open pipe is how an attached supervisor knows that we live.
    settings.attached ? 'pipe' : 'ignore',
    // Out of the terminal's process group: Ctrl-C is for us, and the supervisor then stops in order.
    { detached: true },
  );
  // A lab alone is no reason for this process to stay.
  supervisor.unref();
  (supervisor.stdin as Socket | null)?.unref();
  return supervisor;
}

async function untilReady(lab: Lab, { holder }: LabRecord, signal: AbortSignal | undefined): Promise<void> {
  const { logs, controlSocket } = labFiles(lab.stateDir);
  const ready = async () => {
    if (!isAlive(holder)) throw new LabDidNotStart(await lastWords(lab.stateDir), logs);
    return existsSync(controlSocket) && (await lab.status().catch(() => undefined))?.phase === 'ready';
  };
  await waitUntil('the start of the lab', ready, { deadlineMs: START_DEADLINE_MS, signal });
}

async function lastWords(stateDir: string): Promise<string> {
  const log = readFileSync(join(labFiles(stateDir).logs, 'supervisor.log'), 'utf8');
  return log.split('\n').find((line) => /error/i.test(line)) ?? log.trim().split('\n').at(-1) ?? 'it said nothing';
}

function connectTo(stateDir: string, { holder, uid, binaries, contents }: LabRecord, env: NodeJS.ProcessEnv): Lab {
  const { kubeconfig, commands, controlSocket } = labFiles(stateDir);
  const control = new ControlClient(controlSocket);
  const [nsenter = '', ...words] = joining(holder.pid, uid);
  const prometheusUrl = `http://${ADDRESSES.prometheus}`;
  const inside = {
    KUBECONFIG: kubeconfig,
    PROMETHEUS_URL: prometheusUrl,
    LAB_CONTROL_URL: `http://${ADDRESSES.control}`,
  };
  return {
    stateDir,
    kubeconfig,
    prometheusUrl,
    namespace: `/proc/${holder.pid}/ns/net`,
    binaries: labBinaries(binaries, contents.kubernetes),
    contents,
    traffic: control.traffic,
    kubelet: control.kubelet,
    freezeProcess: (name, frozen) => control.freezeProcess(name, frozen),
    exec: <O extends Options>(command: string, args: readonly string[], options?: O) =>
      execa(nsenter, [...words, command, ...args], {
        ...options,
        extendEnv: false,
        env: { ...env, ...inside, PATH: `${commands}:${env['PATH'] ?? ''}`, ...options?.env },
      } as Options) as unknown as ResultPromise<O>,
    reach: () => openReach(stateDir),
    status: () => control.status(),
    stop: async () => {
      if (isAlive(holder)) await control.stop();
      const isOver = () => !isAlive(holder);
      await waitUntil('the end of the lab', isOver, { deadlineMs: STOP_DEADLINE_MS, everyMs: 50 });
      await control.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
