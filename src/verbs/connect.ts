import { readFileSync } from 'node:fs';
import { inspect } from '../checks/inspect.ts';
import { describeRight, RbacMissing, rightsFor, type Scope } from '../checks/rights.ts';
import type { Config } from '../config/config.ts';
import { resolvePrometheusAccess } from '../config/resolve-prometheus-access.ts';
import { JournalStore, type MeshTag } from '../engine/journal.ts';
import { Lock } from '../engine/lock.ts';
import type { Run } from '../engine/run.ts';
import { systemClock } from '../engine/system-clock.ts';
import { createIstioctl } from '../istioctl/istioctl.ts';
import { loadTransport } from '../kubernetes/client-transport.ts';
import { createCluster } from '../kubernetes/cluster.ts';
import { hasReason } from '../kubernetes/status-error.ts';
import { servedWorkloads } from '../mesh/observe/list-workloads.ts';
import { followedLists } from '../mesh/observe.ts';
import type { ClusterName } from '../model/cluster-name.ts';
import { parseDuration } from '../model/duration.ts';
import type { Emit } from '../model/events.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { Metrics } from '../ports/prometheus.ts';
import { createMetrics } from '../prometheus/client.ts';
import type { Caller } from './caller.ts';
import { expectConfirmed } from './confirm.ts';
import { expectCluster } from './expect-cluster.ts';
import { type FoundMesh, findMesh } from './find-mesh.ts';
import { installersFor } from './installers.ts';
import type { ConfiguredOptions, VerbOptions } from './options.ts';
import { readConfig } from './read-config.ts';
import { emitTo } from './verb.ts';

export interface Connected<C = Config | undefined> {
  run: Run;
  cluster: Cluster;
  name: ClusterName;
  istioNamespace: string;
  config: C;
  close(): Promise<void>;
}

/** How a verb gets its adapters. */
export type Connect<O extends VerbOptions, C> = (
  options: O,
  caller: Caller,
  scope: Scope,
  emit?: Emit,
) => Promise<Connected<C>>;

/** For a verb that needs its config, which is read before anything is asked of the cluster. */
export const connectWithConfig: Connect<ConfiguredOptions, Config> = async (
  options,
  caller,
  scope,
  emit = onlyConnected(caller),
) => {
  return await connectFor(readConfig(options.config), options, caller, scope, emit);
};

/** The same for a config that is not in a file. */
export async function connectFor(
  config: Config,
  options: VerbOptions,
  caller: Caller,
  scope: Scope,
  emit: Emit = onlyConnected(caller),
): Promise<Connected<Config>> {
  const opened = openCluster(options, caller.env, emit);
  await expectClusterOr(opened, config.mesh.cluster);
  const access = resolvePrometheusAccess(config.prometheus, {
    env: caller.env,
    readFile: (path) => readFileSync(path, 'utf8'),
  });
  const metrics = createMetrics(access, { cluster: opened.cluster, clock: systemClock, env: caller.env });
  const mesh = { tag: config.mesh.tag, istioNamespace: config.mesh.namespace };
  return await wire(opened, { mesh, config, metrics }, options, caller, scope, emit);
}

/**
 * For a verb that works without a config, also if the one that is named cannot be used: it is warned about then. Its secrets and
 * files are not read, because nothing is judged.
 */
export const connectAnyway: Connect<VerbOptions, Config | undefined> = async (
  options,
  caller,
  scope,
  emit = onlyConnected(caller),
) => {
  const opened = openCluster(options, caller.env, emit);
  const { mesh, config } = await findMeshAloud(options, opened, emit);
  return await wire(opened, { mesh, config, metrics: unaskedMetrics }, options, caller, scope, emit);
};

/** Emits the warnings; the cluster is closed if no mesh is found, or if the config is for another cluster. */
export async function findMeshAloud(
  options: VerbOptions,
  { cluster, name }: Pick<Opened, 'cluster' | 'name'>,
  emit: Emit,
): Promise<FoundMesh> {
  try {
    const found = await findMesh(options, cluster);
    await expectCluster(found.meantCluster, name, cluster);
    if (found.warnings.length > 0) emit({ kind: 'findings', findings: found.warnings });
    return found;
  } catch (failure) {
    await cluster.close();
    throw failure;
  }
}

/** Of a config that can be used. The connections of a cluster that is not meant are closed. */
async function expectClusterOr({ cluster, name }: Opened, wanted: string | undefined): Promise<void> {
  try {
    await expectCluster(wanted, name, cluster);
  } catch (failure) {
    await cluster.close();
    throw failure;
  }
}

/** For a verb that says nothing else before its end. */
const onlyConnected = (caller: Caller): Emit => {
  const emit = emitTo(caller);
  return (event) => {
    if (event.kind === 'connected') emit(event);
  };
};

interface Opened {
  cluster: Cluster;
  /** Of the kubeconfig; empty when there is none to name. */
  context: string;
  name: ClusterName;
}

/** The way to the cluster alone; nothing is asked of it yet. */
export function openCluster(options: VerbOptions, env: Caller['env'], emit?: Emit): Opened {
  const { transport, context, server, name } = loadTransport({
    env,
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    ...(options.context === undefined ? {} : { context: options.context }),
  });
  const cluster = createCluster(transport, { clock: systemClock, userAgent: 'istio-canary-upgrade', server });
  emit?.({ kind: 'connected', cluster: name });
  return { cluster, context, name };
}

/** Gives the engine its adapters: the only place where they meet. */
async function wire<C extends Config | undefined>(
  { cluster, context, name }: Opened,
  { mesh, config, metrics }: { mesh: MeshTag; config: C; metrics: Metrics },
  options: VerbOptions,
  caller: Caller,
  scope: Scope,
  emit: Emit,
): Promise<Connected<C>> {
  const { istioNamespace, tag } = mesh;
  const clock = systemClock;
  const { installer, meshTool } = createIstioctl({
    binary: options.istioctl ?? config?.target.istioctl ?? 'istioctl',
    istioNamespace,
    env: caller.env,
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    ...(context === '' ? {} : { context }),
  });
  const { installers, helm } = installersFor(installer, config?.mesh, options, context, caller.env, istioNamespace);
  const ports = { cluster, installers, meshTool, metrics };
  await followAll(cluster, istioNamespace, scope);
  const lock = new Lock(
    {
      cluster,
      clock,
      random: Math.random,
      emit,
      namespace: istioNamespace,
      tag,
      beforeFirstWrite: () => expectConfirmed(caller, name, tag),
    },
    { id: caller.runId, where: caller.where },
  );
  const run: Run = {
    ports: {
      ...ports,
      inspect: (plan, started, preview) => inspect({ ...ports, helm }, plan, { scope, started, preview }),
    },
    clock,
    lock,
    journal: new JournalStore(cluster, mesh, caller.runId, lock),
    emit,
    signal: withinTime(caller.signal, options.timeout),
    runId: caller.runId,
    tag,
    command: caller.command,
  };
  return { run, cluster, name, istioNamespace, config, close: () => cluster.close() };
}

/** A run that could not end in time stops like an interrupted one, while it can still say so. */
function withinTime(signal: AbortSignal, timeout: string | undefined): AbortSignal {
  return timeout === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(parseDuration(timeout))]);
}

/** @throws RBAC_MISSING with every right that is missing, when it is one of them that forbids the lists */
async function followAll(cluster: Cluster, istioNamespace: string, scope: Scope): Promise<void> {
  try {
    await cluster.follow(await followedLists(cluster, istioNamespace));
  } catch (failure) {
    try {
      if (!hasReason(failure, 'Forbidden')) throw failure;
      const rights = rightsFor(scope, istioNamespace, await servedWorkloads(cluster));
      const allowed = await cluster.may(rights);
      const denied = rights.filter((_, index) => allowed[index] !== true).map(describeRight);
      throw denied.length === 0 ? failure : RbacMissing.because(failure, denied);
    } finally {
      // The lists that did start would keep the process alive with their watches.
      await cluster.close();
    }
  }
}

/** A rollback needs no metrics; a stage of it that asked for them would be a bug. */
const unaskedMetrics: Metrics = { query: refuse, range: refuse };

function refuse(): Promise<never> {
  return Promise.reject(new Error('a verb that judges nothing asked for metrics'));
}
