import type { Claim, Contender } from '../../faults/contender.ts';
import type { Task } from '../../faults/task.ts';
import { CommandFailed } from './command-failed.ts';
import type { RolloutResource } from './kubectl.ts';
import { Shell } from './shell.ts';

const timeoutMs = 10 * 60_000;
const resources: readonly RolloutResource[] = ['deployment', 'statefulset', 'daemonset'];

/**
 * The yardstick: as fast as a script can be, it restarts workloads of every kind at once, and has no cap, gate, wave or rollback.
 * ```bash
 * set -euo pipefail
 * istioctl x precheck
 * istioctl install -y --set profile=minimal --set revision=$NEW
 * istioctl tag set $TAG --revision $NEW --overwrite
 * for ns in $(kubectl get namespace -l istio.io/rev=$TAG -o name | cut -d/ -f2); do
 *   for w in $(kubectl get deployment,statefulset,daemonset -n $ns -o name); do kubectl rollout restart $w -n $ns; done
 * done
 * for ns in ...; do for w in ...; do kubectl rollout status $w -n $ns --timeout=10m; done; done
 * istioctl uninstall -y --revision $OLD
 * ```
 */
export const parallel: Contender = {
  name: 'parallel',
  start: async (sim, { task, connection, tell, clock = sim.clock }) => {
    const shell = new Shell({
      connection,
      clock,
      version: task.to.version,
      tell: (text) => tell({ kind: 'words', text }),
    });
    const interrupted = Promise.withResolvers<Claim>();
    return {
      done: Promise.race([run(shell, task), interrupted.promise]),
      kill: () => shell.die(),
      interrupt: () => {
        shell.die();
        interrupted.resolve({ end: 'unfinished', words: 'exit code 130' });
      },
    };
  },
};

async function run(shell: Shell, task: Task): Promise<Claim> {
  try {
    await upgrade(shell, task);
    return { end: 'completed', words: 'exit code 0' };
  } catch (failure) {
    if (!(failure instanceof CommandFailed)) throw failure;
    shell.echo(failure.message);
    return { end: 'unfinished', words: `exit code ${failure.exitCode}` };
  }
}

async function upgrade(shell: Shell, { from, to, tag }: Task): Promise<void> {
  const { kubectl } = shell;
  await shell.istioctl('x', 'precheck');
  await shell.istioctl('install', '-y', '--set', 'profile=minimal', '--set', `revision=${to.revision}`);
  await shell.istioctl('tag', 'set', tag, '--revision', to.revision, '--overwrite');
  const labelSelector = `istio.io/rev=${tag}`;
  const forEachWorkload = async (work: (...workload: Workload) => Promise<void>) => {
    for (const namespace of await shell.forList(() => kubectl.names('namespace', { labelSelector }))) {
      for (const resource of resources) {
        for (const name of await shell.forList(() => kubectl.names(resource, { namespace })))
          await work(resource, namespace, name);
      }
    }
  };
  await forEachWorkload((...workload) => kubectl.rolloutRestart(...workload));
  await forEachWorkload((...workload) => kubectl.rolloutStatus(...workload, { timeoutMs }));
  await shell.istioctl('uninstall', '-y', '--revision', from.revision);
}

type Workload = [resource: RolloutResource, namespace: string, name: string];
