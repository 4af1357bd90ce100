import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import type { Run } from '../../../src/engine/run.ts';
import { upgrade } from '../../../src/engine/upgrade.ts';
import { istioctlOver } from '../../../src/istioctl/istioctl.ts';
import { AmbiguousWrite, StatusError } from '../../../src/kubernetes/status-error.ts';
import type { TimedEvent } from '../../../src/model/events.ts';
import type { Outcome } from '../../../src/model/outcome.ts';
import { UpgradeError } from '../../../src/model/upgrade-error.ts';
import { createMetrics } from '../../../src/prometheus/client.ts';
import { type SimParts, type SimRun, simRun } from '../../rehearsal/backends/sim-run.ts';
import type { Claim, Contender } from './contender.ts';
import type { Task } from './task.ts';

/** The product, over the adapters that it has everywhere: only bytes and processes are simulated. */
export const ours: Contender = contenderOf('ours', (run, config) => upgrade(run, config));

/** The product with another way to go, or with something taken from it, as tests of the harness do. */
export function contenderOf(
  name: string,
  go: (run: Run, config: Config) => Promise<Outcome>,
  alter: (parts: SimParts) => SimParts = (parts) => parts,
): Contender {
  return {
    name,
    start: async (sim, { runId, task, connection, tell, clock = sim.clock }) => {
      const config = configOf(task);
      let begun: SimRun | undefined;
      let isInterrupted = false;
      const seen: { pods?: Readonly<Record<string, number>> } = {};
      const parts: SimParts = alter({
        clock,
        jitter: sim.jitter,
        transport: connection.transport,
        istioctl: (version) => istioctlOver(connection.istioctl(version), { istioNamespace: 'istio-system' }),
        metrics: (cluster) =>
          createMetrics(
            { url: 'kubernetes://monitoring/prometheus:9090', timeoutMs: 15_000 },
            { clock, cluster, env: {}, random: sim.jitter },
          ),
      });
      const hear = (event: TimedEvent) => {
        if (event.kind === 'verdict') tell({ kind: 'verdict', wave: event.wave, verdict: event.judged.verdict });
        if (event.kind === 'snapshot' && event.pods !== undefined) seen.pods = event.pods;
        const text = wordsOf(event);
        if (text !== undefined) tell({ kind: 'words', text });
      };
      const attempt = async (): Promise<Claim> => {
        try {
          begun = await simRun(parts, { runId, version: task.to.version, receive: hear });
          if (isInterrupted) begun.interrupt();
          try {
            return claimOf(await go(begun.run, config), seen.pods);
          } finally {
            await begun.cluster.close();
          }
        } catch (failure) {
          if (failure instanceof UpgradeError)
            return { end: 'unfinished', words: `${failure.code}: ${failure.message}` };
          // The entry points report these in words; anything else is a bug of the engine.
          if (failure instanceof StatusError || failure instanceof AmbiguousWrite)
            return { end: 'unfinished', words: `${failure.name}: ${failure.message}` };
          throw failure;
        }
      };
      return {
        done: attempt(),
        // Its connection is cut: what still runs reaches nothing, and this ends it.
        kill: () => void begun?.cluster.close(),
        interrupt: () => {
          isInterrupted = true;
          begun?.interrupt();
        },
      };
    },
  };
}

export const configOf = (task: Task): Config => loadConfig(configTextOf(task), 'faults.yaml');

export function configTextOf(task: Task): string {
  const seconds = (ms: number) => `${ms / 1000}s`;
  const waves = task.waves.map(({ name, namespaces }) => `{ name: ${name}, namespaces: [${namespaces.join(', ')}] }`);
  return `mesh: { tag: ${task.tag} }
target: { version: ${task.to.version} }
gateways: [${task.gateways.join(', ')}]
waves: [${waves.join(', ')}]
gate:
  prometheus: kubernetes://monitoring/prometheus:9090
  bake: ${seconds(task.bakeMs)}
  settle: 15s
  telemetryTimeout: 3m
pace: { workloadsAtOnce: ${task.workloadsAtOnce}, rolloutTimeout: 3m, patience: 3m }
soak: ${seconds(task.soakMs)}
`;
}

function claimOf({ kind, message, problems, revision }: Outcome, pods: Claim['pods']): Claim {
  const words = [kind, ...problems.map(({ code }) => code)].join(' ');
  // Found complete: an attempt before this one got there, and was not heard.
  if (kind === 'nothing-to-do') return { end: 'completed', words, tag: revision };
  if (kind === 'rollback-held') {
    const names = [message, ...problems.flatMap(({ message: said, objects }) => [said, ...objects])];
    return { end: 'unfinished', words, names };
  }
  if (kind !== 'completed' && kind !== 'rolled-back') return { end: 'unfinished', words };
  return { end: kind, words, tag: revision, ...(pods === undefined ? {} : { pods }) };
}

function wordsOf(event: TimedEvent): string | undefined {
  switch (event.kind) {
    case 'stage-started':
      return `stage ${event.number} ${event.name}`;
    case 'effect-started':
      return `effect ${JSON.stringify(event.effect).slice(0, 160)}`;
    case 'effect-failed':
      return `effect failed: ${event.message}`;
    case 'problem':
      return `problem ${event.problem.code}: ${event.problem.message}; ${event.decision}`;
    case 'lock-held':
    case 'lock-not-renewed':
    case 'lock-left':
      return event.kind;
    case 'waiting':
      return `waits: ${event.shortfalls.map(({ what, is }) => `${what}: ${is}`).join('; ')}`;
    case 'run-ended':
      return `${event.outcome}: ${event.message}`;
    default:
      return undefined;
  }
}
