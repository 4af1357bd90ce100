import type { ManifestObject } from '../model/manifest-object.ts';
import { type Revision, revisionSuffix } from '../model/revision.ts';
import * as kinds from '../ports/kinds.ts';
import type { Kind } from '../ports/kubernetes.ts';

interface IstiodObject {
  resource: Kind;
  /** The names that the charts since 1.24 give it; `*` stands for any ending. */
  names: (suffix: string, istioNamespace: string, revision: Revision) => readonly string[];
  /** The revision counts as removed only when this object is gone. */
  isVital?: true;
  /** `istioctl uninstall` does not look at this kind, so the object stays and is removed by us. */
  staysAfterUninstall?: true;
}

const istiod = (suffix: string): readonly string[] => [`istiod${suffix}`];
const clusterNames = (suffix: string, istioNamespace: string): readonly string[] =>
  ['istio-reader-clusterrole', 'istiod-clusterrole', 'istiod-gateway-controller'].map(
    (name) => `${name}${suffix}-${istioNamespace}`,
  );

/**
 * The one table of the objects of an istiod. It says what an uninstall may remove, what may remain after an interrupted one, and
 * which rights it needs. In about the order in which `uninstall` deletes.
 * @see https://github.com/istio/istio/tree/master/manifests/charts/istio-control/istio-discovery/templates
 * @see https://github.com/istio/istio/blob/master/operator/pkg/uninstall/prune.go for the kinds that it looks at
 */
export const istiodObjects: readonly IstiodObject[] = [
  { resource: kinds.Deployments, names: istiod, isVital: true },
  { resource: kinds.Services, names: istiod, isVital: true },
  {
    resource: kinds.ConfigMaps,
    names: (suffix, _namespace, revision) => [
      `istio${suffix}`,
      `istio-sidecar-injector${suffix}`,
      `values${suffix}`,
      `pilot-jwks-extra-cacerts${suffix}`,
      `istio-${revision}-gatewayclass-*`,
    ],
  },
  { resource: kinds.ServiceAccounts, names: istiod },
  { resource: kinds.RoleBindings, names: istiod },
  { resource: kinds.Roles, names: istiod },
  { resource: kinds.Autoscalers, names: istiod },
  { resource: kinds.DisruptionBudgets, names: istiod },
  // Created by `global.networkPolicy.enabled`.
  { resource: kinds.NetworkPolicies, names: istiod, staysAfterUninstall: true },
  {
    resource: kinds.MutatingWebhooks,
    names: (suffix, istioNamespace) => [
      `istio-sidecar-injector${suffix}`,
      `istio-sidecar-injector${suffix}-${istioNamespace}`,
    ],
    isVital: true,
  },
  {
    resource: kinds.ValidatingWebhooks,
    names: (suffix, istioNamespace) => [`istio-validator${suffix}-${istioNamespace}`],
  },
  { resource: kinds.ClusterRoles, names: clusterNames },
  { resource: kinds.ClusterRoleBindings, names: clusterNames },
];

/** What an uninstall must remove at the least for the revision to be gone. */
export function expectedRemoval(revision: Revision, istioNamespace: string): readonly ManifestObject[] {
  return istiodObjects
    .filter(({ isVital }) => isVital === true)
    .map(({ resource, names }) => ({
      kind: resource.kind,
      name: names(revisionSuffix(revision), istioNamespace, revision)[0] ?? '',
      ...(resource.namespaced ? { namespace: istioNamespace } : {}),
    }));
}

/** Whether an object is one of a revision's own istiod, by kind and name. */
export function isExpected(
  { kind, name, namespace }: ManifestObject,
  revision: Revision,
  istioNamespace: string,
): boolean {
  if (namespace !== undefined && namespace !== istioNamespace) return false;
  const object = istiodObjects.find(({ resource }) => resource.kind === kind);
  const names = object?.names(revisionSuffix(revision), istioNamespace, revision) ?? [];
  return names.some((known) => (known.endsWith('*') ? name.startsWith(known.slice(0, -1)) : name === known));
}
