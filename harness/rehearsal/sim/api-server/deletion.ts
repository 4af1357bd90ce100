import type { KubernetesObject, ObjectMeta } from '../../../../src/model/kubernetes-object.ts';
import type { Resource } from './resources.ts';
import { preconditionFailed } from './status-failure.ts';

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: string;
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun?: boolean;
}

/** What an owner is held by until its dependents are gone. */
export const ForegroundFinalizer = 'foregroundDeletion';

type DyingMeta = ObjectMeta & { deletionGracePeriodSeconds?: number };

/** @throws StatusFailure Conflict if the object is not the one that was meant */
export function expectPreconditions(
  resource: Resource,
  { metadata }: KubernetesObject,
  { uid, resourceVersion }: NonNullable<DeleteOptions['preconditions']> = {},
): void {
  if (uid && uid !== metadata.uid) {
    throw preconditionFailed(
      resource,
      metadata.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    throw preconditionFailed(
      resource,
      metadata.name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    );
  }
}

/** Virtual seconds that a scheduled pod gets to end; everything else gets none. */
export function graceSecondsOf(
  { kind }: Resource,
  live: KubernetesObject,
  { gracePeriodSeconds }: DeleteOptions,
): number {
  if (kind !== 'Pod') return 0;
  const { nodeName, terminationGracePeriodSeconds = 30 } =
    (live as { spec?: { nodeName?: string; terminationGracePeriodSeconds?: number } }).spec ?? {};
  return nodeName ? (gracePeriodSeconds ?? terminationGracePeriodSeconds) : 0;
}

/** Whether it is on its way out already, and no sooner by this. */
export function isDyingBy({ metadata }: KubernetesObject, graceSeconds: number): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 }: DyingMeta = metadata;
  return deletionTimestamp !== undefined && graceSeconds >= deletionGracePeriodSeconds;
}

/** @param nowMs virtual time */
export function markedForDeletion<T extends KubernetesObject>(live: T, graceSeconds: number, nowMs: number): T {
  const deletionTimestamp = `${new Date(nowMs + graceSeconds * 1000).toISOString().slice(0, 19)}Z`;
  const metadata: DyingMeta = { ...live.metadata, deletionTimestamp, deletionGracePeriodSeconds: graceSeconds };
  return { ...live, metadata };
}

/** Held until the garbage collector has seen the dependents go. */
export function heldForDependents<T extends KubernetesObject>(live: T): T {
  const finalizers = [...new Set([...(live.metadata.finalizers ?? []), ForegroundFinalizer])];
  return { ...live, metadata: { ...live.metadata, finalizers } };
}
