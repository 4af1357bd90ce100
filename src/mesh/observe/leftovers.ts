import type { ManifestObject } from '../../model/manifest-object.ts';
import type { Revision } from '../../model/revision.ts';
import {
  ConfigMaps,
  Deployments,
  DisruptionBudgets,
  MutatingWebhooks,
  Services,
  ValidatingWebhooks,
} from '../../ports/kinds.ts';
import type { Cluster, Kind } from '../../ports/kubernetes.ts';
import { isExpected } from '../istiod-objects.ts';
import { revisionLabel } from './control-planes.ts';

const rbac = (kind: string, plural: string, namespaced: boolean): Kind => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  plural,
  namespaced,
});

/** The kinds that an istiod consists of; `uninstall` deletes them in about this order. */
export const leftoverKinds: readonly Kind[] = [
  Deployments,
  Services,
  ConfigMaps,
  { apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', namespaced: true },
  rbac('RoleBinding', 'rolebindings', true),
  rbac('Role', 'roles', true),
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    namespaced: true,
  },
  DisruptionBudgets,
  MutatingWebhooks,
  ValidatingWebhooks,
  rbac('ClusterRole', 'clusterroles', false),
  rbac('ClusterRoleBinding', 'clusterrolebindings', false),
];

/** What an interrupted uninstall left of a revision: a second one says `could not find target revision`. */
export async function observeLeftovers(
  cluster: Cluster,
  revision: Revision,
  istioNamespace: string,
): Promise<readonly ManifestObject[]> {
  const lists = await Promise.all(
    leftoverKinds.map(async (kind) => {
      const namespace = kind.namespaced ? { namespace: istioNamespace } : {};
      const objects = await cluster.listMetadata(kind, {
        ...namespace,
        labelSelector: `${revisionLabel}=${revision}`,
        fresh: true,
      });
      return objects.map(({ metadata }): ManifestObject => ({ kind: kind.kind, name: metadata.name, ...namespace }));
    }),
  );
  return lists.flat().filter((object) => isExpected(object, revision, istioNamespace));
}
