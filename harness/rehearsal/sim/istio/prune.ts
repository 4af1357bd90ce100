import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import {
  Autoscalers,
  ClusterRoleBindings,
  ClusterRoles,
  ConfigMaps,
  CustomResourceDefinitions,
  DaemonSets,
  Deployments,
  MutatingWebhooks,
  RoleBindings,
  Roles,
  ServiceAccounts,
  Services,
  ValidatingWebhooks,
} from '../../../../src/ports/kinds.ts';
import type { Kind } from '../../../../src/ports/kubernetes.ts';
import type { Registry } from '../api-server/registry.ts';
import { isOwnedBy, type Manifested } from './manifest.ts';
import { OwnerLabel, TagLabel } from './names.ts';

/** In the order in which istioctl takes them away: the Deployment before its webhooks. */
const PrunedKinds: readonly Kind[] = [
  Deployments,
  DaemonSets,
  Services,
  ConfigMaps,
  ServiceAccounts,
  RoleBindings,
  Roles,
  Autoscalers,
  MutatingWebhooks,
  ValidatingWebhooks,
  ClusterRoles,
  ClusterRoleBindings,
];

/** What an uninstall of the revision would take: gateways and installer-made tags included, Helm's objects not. */
export function ownedObjects({ store }: Registry, revision: string): Manifested[] {
  return PrunedKinds.flatMap((kind) =>
    store
      .list<KubernetesObject>(kind)
      .filter(({ metadata }) => isOwnedBy(revision, metadata.labels ?? {}))
      .map((object) => ({ kind, object })),
  );
}

/** What a purge takes: of every revision, with the definitions, and also what `tag set` made. */
export function allObjects({ store }: Registry): Manifested[] {
  return [...PrunedKinds, CustomResourceDefinitions].flatMap((kind) =>
    store
      .list<KubernetesObject>(kind)
      .filter(({ metadata: { labels = {} } }) => labels[OwnerLabel] !== undefined || labels[TagLabel] !== undefined)
      .map((object) => ({ kind, object })),
  );
}

/** `apps/v1, Kind=Deployment/istiod-1-30-4.istio-system`; the dot stays for what has no namespace. */
export function pruneName({ kind, object }: Manifested): string {
  const groupVersion = kind.apiVersion.includes('/') ? kind.apiVersion : `/${kind.apiVersion}`;
  return `${groupVersion}, Kind=${kind.kind}/${object.metadata.name}.${object.metadata.namespace ?? ''}`;
}

export function removedLine(entry: Manifested): string {
  return `  Removed ${pruneName(entry)}.`;
}
