import { inspect } from '../../../src/checks/inspect.ts';
import type { InstallerConfig } from '../../../src/config/config.ts';
import { usualHelm } from '../../../src/config/resolve-config.ts';
import { JournalStore } from '../../../src/engine/journal.ts';
import { Lock } from '../../../src/engine/lock.ts';
import type { Run } from '../../../src/engine/run.ts';
import { CommandMissing, CommandUnknown } from '../../../src/installers/command-errors.ts';
import { type Commands, commandInstaller, type Start } from '../../../src/installers/command-installer.ts';
import { externalInstaller } from '../../../src/installers/external-installer.ts';
import { HelmCalls } from '../../../src/installers/helm-calls.ts';
import { HelmMissing } from '../../../src/installers/helm-errors.ts';
import { helmInstaller } from '../../../src/installers/helm-installer.ts';
import { helmReleases } from '../../../src/installers/helm-releases.ts';
import type { ProcessRunner } from '../../../src/istioctl/process-runner.ts';
import { createCluster } from '../../../src/kubernetes/cluster.ts';
import type { Transport } from '../../../src/kubernetes/transport.ts';
import { followedLists } from '../../../src/mesh/observe.ts';
import type { Clock } from '../../../src/model/clock.ts';
import type { RunEvent, TimedEvent } from '../../../src/model/events.ts';
import type { InstallerKind } from '../../../src/model/installer-kind.ts';
import type { Installer, Installers } from '../../../src/ports/installer.ts';
import type { Cluster } from '../../../src/ports/kubernetes.ts';
import type { Metrics } from '../../../src/ports/prometheus.ts';
import type { Sim } from '../sim/create-sim.ts';

export interface SimRun {
  run: Run;
  cluster: Cluster;
  /** SIGKILL: from now on nothing that this run sends arrives anywhere, and nothing comes back. */
  kill(): void;
  /** SIGINT. */
  /** @param reason of the signal; left out: SIGINT */
  interrupt(reason?: Error): void;
}

export interface SimRunOptions {
  /** Of istioctl. */
  version?: string;
  receive?: (event: TimedEvent) => void;
  runId?: string;
  /** The tag that moves. */
  tag?: string;
  scope?: 'look' | 'upgrade';
  /** Of the config. */
  installer?: InstallerConfig | undefined;
}

/** The parts of the simulator that a run reaches, so that something can stand between them. */
export type SimParts = Pick<Sim, 'jitter' | 'istioctl'> & {
  /** For commands of `mesh.installer`. */
  istioctlProcess?: Sim['istioctlProcess'];
  helmProcess?: Sim['helmProcess'];
  clock: Clock;
  transport: Transport;
  /** Or made over the run's own way to the cluster, as through the API server's proxy. */
  metrics: Metrics | ((cluster: Cluster) => Metrics);
};

/** Gives the engine a simulated cluster, through the same Kubernetes adapter as a real one. */
export async function simRun(sim: SimParts, options: SimRunOptions = {}): Promise<SimRun> {
  const { version = '1.31.0', receive = () => undefined, runId = 'run1', tag = 'default', scope = 'upgrade' } = options;
  const interruption = new AbortController();
  const life = { killed: false };
  const cluster = createCluster(mortal(sim.transport, life), {
    clock: sim.clock,
    userAgent: 'rehearsal',
    random: () => 0.5,
  });
  const istioctl = sim.istioctl(version);
  const { charts, timeoutMs } = options.installer?.kind === 'helm' ? options.installer : usualHelm();
  const helmCalls = new HelmCalls(
    helmOn(sim, () => life.killed),
    { timeoutMs },
  );
  const helm = mortalPort(helmReleases(helmCalls), life);
  const adapters = {
    istioctl: () => istioctl.installer,
    helm: () => helmInstaller(helmCalls, charts, 'istio-system'),
    external: () => externalInstaller,
    command: () => commandInstaller(startOn(sim, version), commandsIn(options.installer), tag),
  } as const satisfies Record<InstallerKind, () => Installer>;
  const installers: Installers = (kind) => mortalPort(adapters[kind](), life);
  const meshTool = mortalPort(istioctl.meshTool, life);
  const metrics = typeof sim.metrics === 'function' ? sim.metrics(cluster) : sim.metrics;
  const ports = { cluster, installers, meshTool, metrics };
  await cluster.follow(await followedLists(cluster, 'istio-system'));
  const emit = (event: RunEvent) => {
    if (!life.killed) receive({ ...event, at: sim.clock.now() });
  };
  const lock = new Lock(
    { cluster, clock: sim.clock, random: sim.jitter, emit, namespace: 'istio-system', tag },
    { id: runId, where: `rehearsal ${runId}` },
  );
  const run: Run = {
    ports: {
      ...ports,
      inspect: (plan, started, preview) => inspect({ ...ports, helm }, plan, { scope, started, preview }),
    },
    clock: sim.clock,
    lock,
    journal: new JournalStore(cluster, { istioNamespace: 'istio-system', tag }, runId, lock),
    emit,
    signal: interruption.signal,
    runId,
    tag,
    command: (verb) => `istio-canary-upgrade ${verb}`,
  };
  return {
    run,
    cluster,
    kill: () => {
      life.killed = true;
    },
    interrupt: (reason = new Error('SIGINT')) => interruption.abort(reason),
  };
}

/** Where the simulator has no helm, it is absent. */
const helmOn = (sim: Pick<SimParts, 'helmProcess'>, isKilled: () => boolean): ProcessRunner =>
  sim.helmProcess?.(isKilled) ?? {
    run: () => Promise.reject(HelmMissing.of('helm', 'the simulator has no such program')),
  };

/** The only program that commands can start on the simulator is istioctl. */
const startOn =
  (sim: Pick<SimParts, 'istioctlProcess'>, version: string): Start =>
  async ([program = '', ...args], timeoutMs) => {
    if (program !== 'istioctl' || sim.istioctlProcess === undefined)
      throw CommandMissing.of(program, 'the simulator has no such program');
    return await sim.istioctlProcess(version).run(args, { timeoutMs });
  };

function commandsIn(installer: InstallerConfig | undefined): Commands {
  if (installer?.kind !== 'command') throw CommandUnknown.of();
  return installer;
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

function mortal(transport: Transport, life: { killed: boolean }): Transport {
  return {
    send: async (request) => {
      if (life.killed) return await never();
      const response = await transport.send(request);
      return life.killed ? await never() : response;
    },
  };
}

/** The same port until the run is killed; then its calls do not return. What it answers without waiting stays as it is. */
function mortalPort<Port extends object>(port: Port, life: { killed: boolean }): Port {
  return new Proxy(port, {
    get: (target, name) => {
      const call = Reflect.get(target, name) as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        if (life.killed) return never();
        const answer = call.apply(target, args);
        return answer instanceof Promise ? answer.then((value: unknown) => (life.killed ? never() : value)) : answer;
      };
    },
  });
}
