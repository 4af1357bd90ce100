import { type ClusterName, describeCluster } from '../model/cluster-name.ts';
import { defineError } from '../model/upgrade-error.ts';
import { Namespaces } from '../ports/kinds.ts';
import type { Cluster } from '../ports/kubernetes.ts';

export const ClusterNotMeant = defineError({
  code: 'CLUSTER_NOT_MEANT',
  title: 'The kubeconfig leads to another cluster than the config is for.',
  cause: '`mesh.cluster` in the config names another cluster than the kubeconfig, or its context, leads to.',
  message: (wanted: string, name: ClusterName, uid: string | undefined) =>
    `The config is for cluster "${wanted}", but the kubeconfig leads to ${describeCluster(name)}, cluster "${name.cluster}"${uid === undefined ? '' : `, whose namespace kube-system has the UID ${uid}`}.`,
  hint: 'Choose the cluster with --kubeconfig and --context (inputs kubeconfig and context of the Action). Or write in mesh.cluster: the name of the context or of the cluster in the kubeconfig, the URL or host of the API server, or the UID of the namespace kube-system.',
  actor: 'workflow author',
  state: 'Nothing was changed.',
  exit: 'usage',
  blames: 'person',
});

/**
 * Names differ from one kubeconfig to the next; the UID of kube-system does not, and is the only one that needs a request.
 * @param wanted `mesh.cluster`; left out: any cluster
 * @throws CLUSTER_NOT_MEANT
 */
export async function expectCluster(
  wanted: string | undefined,
  name: ClusterName,
  cluster: Pick<Cluster, 'get'>,
): Promise<void> {
  if (wanted === undefined || namesOf(name).has(wanted)) return;
  if (!isUid(wanted)) throw ClusterNotMeant.of(wanted, name, undefined);
  const found = await cluster.get(Namespaces, 'kube-system');
  const uid = found?.metadata.uid ?? 'unknown';
  if (uid !== wanted.toLowerCase()) throw ClusterNotMeant.of(wanted, name, uid);
}

/** A context called "default", or the one of a pod, says nothing, and is not left out: the author of the config decides. */
function namesOf({ context, cluster, server }: ClusterName): ReadonlySet<string> {
  const bare = server.replace(/\/+$/, '');
  const url = URL.canParse(server) ? [new URL(server).host, new URL(server).hostname] : [];
  return new Set([context, cluster, bare, `${bare}/`, ...url]);
}

const isUid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
