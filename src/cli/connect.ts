import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { resolvePrometheusAccess } from '../config/resolve-prometheus-access.ts';
import { inspect } from '../engine/inspect.ts';
import { JournalStore } from '../engine/journal.ts';
import type { Run } from '../engine/run.ts';
import { systemClock } from '../engine/system-clock.ts';
import { RbacMissing } from '../errors/cluster-errors.ts';
import { ConfigFileUnreadable } from '../errors/config-errors.ts';
import { messageOf } from '../errors/upgrade-error.ts';
import * as promql from '../gate/lint-promql.ts';
import { createIstioctl } from '../istioctl/istioctl.ts';
import { loadTransport } from '../kubernetes/client-transport.ts';
import { createCluster } from '../kubernetes/cluster.ts';
import type { Cluster } from '../kubernetes/port.ts';
import { hasReason } from '../kubernetes/status-error.ts';
import { followedLists } from '../mesh/observe.ts';
import { describeRight, rightsFor, type Scope } from '../mesh/rights.ts';
import { createMetrics } from '../prometheus/client.ts';
import type { Metrics } from '../prometheus/port.ts';
import type { Tell } from '../report/events.ts';
import type { CliOptions, Terminal } from './terminal.ts';

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

export interface Connected {
  run: Run;
  cluster: Cluster;
  config: Config | undefined;
  close(): Promise<void>;
}

/** Hands the adapters to the engine: the only place where they meet. */
export async function connect(options: CliOptions, terminal: Terminal, tell: Tell, scope: Scope): Promise<Connected> {
  const config = options.config === undefined ? undefined : readConfig(options.config);
  const clock = systemClock;
  const { transport, context, server } = loadTransport({
    env: terminal.env,
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    ...(options.context === undefined ? {} : { context: options.context }),
  });
  const cluster = createCluster(transport, { clock, userAgent: 'istio-canary-upgrade', server });
  const istioNamespace = config?.mesh.namespace ?? options.istioNamespace ?? 'istio-system';
  const tag = config?.mesh.tag ?? options.tag ?? 'default';
  const istioctl = createIstioctl({
    binary: options.istioctl ?? config?.target.istioctl ?? 'istioctl',
    istioNamespace,
    env: terminal.env,
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    ...(context === '' ? {} : { context }),
  });
  const metrics =
    config === undefined
      ? unaskedMetrics
      : createMetrics(
          resolvePrometheusAccess(config.prometheus, {
            env: terminal.env,
            readFile: (path) => readFileSync(path, 'utf8'),
          }),
          { cluster, clock, env: terminal.env },
        );
  const ports = { cluster, istioctl, metrics };
  await followAll(cluster, istioNamespace, scope);
  const run: Run = {
    eyes: { ...ports, inspect: (plan, started) => inspect(ports, plan, { scope, started }) },
    clock,
    journal: new JournalStore(cluster, istioNamespace, tag),
    tell,
    signal: terminal.signal,
    runId: randomBytes(4).toString('hex'),
    tag,
    command: (verb) => commandText(verb, options),
  };
  return { run, cluster, config, close: () => cluster.close() };
}

/** @throws RBAC_MISSING with every right that is missing, when it is one of them that forbids the lists */
async function followAll(cluster: Cluster, istioNamespace: string, scope: Scope): Promise<void> {
  try {
    await cluster.follow(followedLists(istioNamespace));
  } catch (failure) {
    try {
      if (!hasReason(failure, 'Forbidden')) throw failure;
      const rights = rightsFor(scope, istioNamespace);
      const allowed = await cluster.may(rights);
      const denied = rights.filter((_, index) => allowed[index] !== true).map(describeRight);
      throw denied.length === 0 ? failure : RbacMissing.because(failure, denied);
    } finally {
      // The lists that did start would keep the process alive with their watches.
      await cluster.close();
    }
  }
}

/** Going back needs no metrics; a stage that asked for them without a config would be a fault of ours. */
const unaskedMetrics: Metrics = {
  query: () => Promise.reject(new Error('metrics were asked for without a config')),
};

/** The command line of a verb with the options of this one, ready to be typed. */
function commandText(verb: string, options: CliOptions): string {
  const { config, kubeconfig, context, tag, istioNamespace, istioctl } = options;
  const needsConfig = verb === 'upgrade' || verb === 'finalize' || verb === 'check';
  const named: Record<string, string | undefined> =
    config === undefined && !needsConfig
      ? {
          tag: tag === 'default' ? undefined : tag,
          'istio-namespace': istioNamespace === 'istio-system' ? undefined : istioNamespace,
          istioctl,
        }
      : { config: config ?? 'FILE' };
  const given = Object.entries({ ...named, kubeconfig, context }).filter(([, value]) => value !== undefined);
  return ['istio-canary-upgrade', verb, ...given.flatMap(([name, value]) => [`--${name}`, value])].join(' ');
}
