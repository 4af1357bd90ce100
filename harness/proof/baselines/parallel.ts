import type { RolloutResource } from './kubectl.ts';
import { scriptContender } from './script.ts';

const timeoutMs = 10 * 60_000;
const resources: readonly RolloutResource[] = ['deployment', 'statefulset', 'daemonset'];

/**
 * As fast as a script can be, restarting every kind there is at once:
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
export const parallel = scriptContender('parallel', async ({ shell, task: { from, to, tag } }) => {
  const { kubectl } = shell;
  await shell.istioctl('x', 'precheck');
  await shell.istioctl('install', '-y', '--set', 'profile=minimal', '--set', `revision=${to.revision}`);
  await shell.istioctl('tag', 'set', tag, '--revision', to.revision, '--overwrite');
  const forEachWorkload = async (
    work: (resource: RolloutResource, namespace: string, name: string) => Promise<void>,
  ) => {
    const labelSelector = `istio.io/rev=${tag}`;
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
  return 'completed';
});
