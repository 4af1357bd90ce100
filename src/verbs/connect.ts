import { readFileSync } from 'node:fs';
import { inspect } from '../checks/inspect.ts';
import { describeRight, RbacMissing, rightsFor, type Scope } from '../checks/rights.ts';
import type { Config } from '../config/config.ts';
import { ConfigFileUnreadable } from '../config/config-errors.ts';
import { loadConfig } from '../config/load-config.ts';
import { resolvePrometheusAccess } from '../config/resolve-prometheus-access.ts';
import { JournalStore } from '../engine/journal.ts';
import { Lock } from '../engine/lock.ts';
import type { Run } from '../engine/run.ts';
import { systemClock } from '../engine/system-clock.ts';
import { createIstioctl } from '../istioctl/istioctl.ts';
import { loadTransport } from '../kubernetes/client-transport.ts';
import { createCluster } from '../kubernetes/cluster.ts';
import { hasReason } from '../kubernetes/status-error.ts';
import { servedWorkloads } from '../mesh/observe/list-workloads.ts';
import { followedLists } from '../mesh/observe.ts';
import { parseDuration } from '../model/duration.ts';
import type { Emit } from '../model/events.ts';
import { messageOf } from '../model/upgrade-error.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { Metrics } from '../ports/prometheus.ts';
import { createMetrics } from '../prometheus/client.ts';
import * as promql from '../promql/lint-promql.ts';
import type { Caller } from './caller.ts';
import type { ConfiguredOptions, VerbOptions } from './options.ts';

/** @throws ConfigError with every complaint; CONFIG_FILE_UNREADABLE */
export function readConfig(file: string): Config {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (failure) {
    throw ConfigFileUnreadable.because(failure, file, '--config', messageOf(failure));
  }
  return loadConfig(text, file, promql);
}

/** Which config these options lead to. */
export type ConfigOf<O extends VerbOptions> = O extends ConfiguredOptions ? Config : Config | undefined;

export interface Connected<C = Config | undefined> {
  run: Run;
  cluster: Cluster;
  config: C;
  close(): Promise<void>;
}

interface Opened<C> {
  config: C;
  cluster: Cluster;
  /** Of the kubeconfig; empty when there is none to name. */
  context: string;
  istioNamespace: string;
  tag: string;
}

/** The way to the cluster alone; nothing is asked of it yet. */
export function openCluster<O extends VerbOptions>(options: O, env: Caller['env']): Opened<ConfigOf<O>> {
  const config = (options.config === undefined ? undefined : readConfig(options.config)) as ConfigOf<O>;
  const { transport, context, server } = loadTransport({
    env,
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    ...(options.context === undefined ? {} : { context: options.context }),
  });
  return {
    config,
    cluster: createCluster(transport, { clock: systemClock, userAgent: 'istio-canary-upgrade', server }),
    context,
    istioNamespace: config?.mesh.namespace ?? options.istioNamespace ?? 'istio-system',
    tag: config?.mesh.tag ?? options.tag ?? 'default',
  };
}

/** Gives the engine its adapters: the only place where they meet. */
export async function connect<O extends VerbOptions>(
  options: O,
  caller: Caller,
  scope: Scope,
  emit: Emit = () => undefined,
): Promise<Connected<ConfigOf<O>>> {
  const { config, cluster, context, istioNamespace, tag } = openCluster(options, caller.env);
  const clock = systemClock;
  const { installer, meshTool } = createIstioctl({
    binary: options.istioctl ?? config?.target.istioctl ?? 'istioctl',
    istioNamespace,
    env: caller.env,
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    ...(context === '' ? {} : { context }),
  });
  const metrics =
    config === undefined
      ? unaskedMetrics
      : createMetrics(
          resolvePrometheusAccess(config.prometheus, {
            env: caller.env,
            readFile: (path) => readFileSync(path, 'utf8'),
          }),
          { cluster, clock, env: caller.env },
        );
  const ports = { cluster, installer, meshTool, metrics };
  await followAll(cluster, istioNamespace, scope);
  const lock = new Lock(
    { cluster, clock, random: Math.random, emit, namespace: istioNamespace, tag },
    { id: caller.runId, where: caller.where },
  );
  const run: Run = {
    ports: { ...ports, inspect: (plan, started) => inspect(ports, plan, { scope, started }) },
    clock,
    lock,
    journal: new JournalStore(cluster, { istioNamespace, tag }, caller.runId, lock),
    emit,
    signal: withinTime(caller.signal, options.timeout),
    runId: caller.runId,
    tag,
    command: caller.command,
  };
  return { run, cluster, config, close: () => cluster.close() };
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

/** A rollback needs no metrics; a stage that asked for them without a config would be a bug. */
const unaskedMetrics: Metrics = {
  query: () => Promise.reject(new Error('metrics were asked for without a config')),
};
