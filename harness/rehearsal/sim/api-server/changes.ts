import type { KubernetesObject, ManagedFields } from '../../../../src/model/kubernetes-object.ts';
import { isSame } from './json.ts';
import type { Resource } from './resources.ts';

type WithStatus = KubernetesObject & { status?: unknown };

/** Annotations of a Deployment count too: the server takes them for part of what is rolled out. */
export function isNewGeneration({ kind }: Resource, live: KubernetesObject, next: KubernetesObject): boolean {
  const { annotations: before } = live.metadata;
  const { annotations: after } = next.metadata;
  return !isSame(desired(live), desired(next)) || (kind === 'Deployment' && !isSame(before ?? {}, after ?? {}));
}

/** What generations count: everything but metadata and status. */
function desired(object: WithStatus): object {
  const { metadata: _, status: __, ...rest } = object;
  return rest;
}

/** When something was written does not count as a change of who owns it. */
export function ownership(entries: readonly ManagedFields[] = []): object[] {
  return entries.map(({ time: _, ...entry }) => entry);
}

/** What decides whether a write changes anything. */
export function unmanaged(object: KubernetesObject): object {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
