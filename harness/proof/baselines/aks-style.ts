import type { KubernetesObject } from '../../../src/model/kubernetes-object.ts';
import type { Pod } from '../../../src/ports/objects.ts';
import { CommandFailed } from './command-failed.ts';
import type { RolloutResource } from './kubectl.ts';
import { scriptContender } from './script.ts';
import type { Shell } from './shell.ts';

/**
 * The shape of the best published pipeline scripts, re-told: the tag moves for all, then namespace by namespace whatever
 * owns a pod of the old revision is restarted and waited for, without a limit.
 * ```bash
 * set -euo pipefail
 * echo "Upgrade started"
 * istioctl install -y --set profile=minimal --set revision=$NEW
 * istioctl tag set $TAG --revision $NEW --overwrite
 * for ns in $(kubectl get namespace -l istio.io/rev=$TAG -o name | cut -d/ -f2); do
 *   for owner in $(kubectl get pods -n $ns -o json | jq -r '.items[]
 *       | select((.metadata.annotations["sidecar.istio.io/status"] | fromjson | .revision) == env.OLD)
 *       | .metadata.ownerReferences[0] | "\(.kind)/\(.name)"' | uniq); do
 *     case $owner in ReplicaSet/*) owner=Deployment/$(kubectl get $owner -n $ns -o json | jq -r '.metadata.ownerReferences[0].name') ;; esac
 *     kubectl rollout restart $owner -n $ns
 *     kubectl rollout status $owner -n $ns
 *   done
 * done
 * istioctl uninstall -y --revision $OLD
 * echo "Upgrade finished"
 * ```
 */
export const aksStyle = scriptContender('aks-style', async ({ shell, task: { from, to, tag } }) => {
  const { kubectl } = shell;
  shell.echo('Upgrade started');
  await shell.istioctl('install', '-y', '--set', 'profile=minimal', '--set', `revision=${to.revision}`);
  await shell.istioctl('tag', 'set', tag, '--revision', to.revision, '--overwrite');
  const labelSelector = `istio.io/rev=${tag}`;
  for (const namespace of await shell.forList(() => kubectl.names('namespace', { labelSelector }))) {
    for (const owner of await shell.forList(() => ownersOnRevision(shell, namespace, from.revision))) {
      const [kind = '', name = ''] = owner.split('/');
      const workload = kind === 'ReplicaSet' ? await ownerOfReplicaSet(shell, namespace, name) : name;
      const resource = resources[kind] ?? 'deployment';
      await kubectl.rolloutRestart(resource, namespace, workload);
      await kubectl.rolloutStatus(resource, namespace, workload);
    }
  }
  await shell.istioctl('uninstall', '-y', '--revision', from.revision);
  shell.echo('Upgrade finished');
  return 'completed';
});

const resources: Readonly<Record<string, RolloutResource>> = { StatefulSet: 'statefulset', DaemonSet: 'daemonset' };

/**
 * A pod without the annotation is an error to `fromjson`: jq stops there, with the lines before it printed. In a `for`
 * list nobody hears of it.
 * @throws CommandFailed
 */
async function ownersOnRevision(shell: Shell, namespace: string, revision: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const { metadata } of await shell.kubectl.list<Pod>('pod', { namespace })) {
    const status = metadata.annotations?.['sidecar.istio.io/status'];
    if (status === undefined)
      throw new CommandFailed('jq', 5, 'jq: error: null (null) only strings can be parsed', uniq(lines).join('\n'));
    if ((JSON.parse(status) as { revision?: string }).revision !== revision) continue;
    const [owner] = metadata.ownerReferences ?? [];
    lines.push(`${owner?.kind ?? 'null'}/${owner?.name ?? 'null'}`);
  }
  return uniq(lines);
}

async function ownerOfReplicaSet({ kubectl }: Shell, namespace: string, name: string): Promise<string> {
  const { metadata } = await kubectl.get<KubernetesObject>('replicaset', namespace, name);
  return metadata.ownerReferences?.[0]?.name ?? 'null';
}

const uniq = (lines: readonly string[]): readonly string[] => lines.filter((line, index) => line !== lines[index - 1]);
