import type { KubernetesObject, ObjectMeta } from '../../../../src/model/kubernetes-object.ts';
import { Namespaces } from '../../../../src/ports/kinds.ts';
import type { Kind } from '../../../../src/ports/kubernetes.ts';
import { ForegroundFinalizer } from '../api-server/deletion.ts';
import type { ControllerContext, OnChange } from './controller.ts';

/** Objects go in the background some moments after their owner: 37-uninstall saw 0.2 s for a Deployment's, 0.4 s for its pod. */
const DelayMs = [20, 150] as const;

/** Deletes what belonged to a deleted owner, and the content of deleted namespaces. */
export function garbageCollector({ registry, clock, random }: ControllerContext): OnChange {
  const { store } = registry;

  const collect = (uid: string) => {
    for (const { kind, object } of store.dependents(uid)) {
      if (!object.metadata.deletionTimestamp) registry.delete(kind, object.metadata);
    }
  };

  /** An owner that waits for its dependents: they go first, in the foreground too, then its finalizer. */
  const collectFirst = (kind: Kind, { name, namespace, uid = '' }: ObjectMeta) => {
    const owner = store.get<KubernetesObject>(kind, name, namespace);
    if (!owner || owner.metadata.uid !== uid) return;
    const dependents = store.dependents(uid);
    for (const { kind: its, object } of dependents) {
      if (!object.metadata.deletionTimestamp)
        registry.delete(its, object.metadata, { propagationPolicy: 'Foreground' });
    }
    if (dependents.length > 0) {
      clock.schedule(random.between(...DelayMs), () => collectFirst(kind, owner.metadata));
      return;
    }
    registry.edit(kind, owner.metadata, (live) => ({
      ...live,
      metadata: {
        ...live.metadata,
        finalizers: (live.metadata.finalizers ?? []).filter((finalizer) => finalizer !== ForegroundFinalizer),
      },
    }));
  };

  const empty = (namespace: string) => {
    let left = 0;
    for (const kind of store.kinds().filter(({ namespaced }) => namespaced)) {
      for (const { metadata } of store.list(kind, namespace)) {
        left++;
        if (!metadata.deletionTimestamp) registry.delete(kind, metadata);
      }
    }
    if (left === 0) store.delete(Namespaces, namespace);
    else clock.schedule(random.between(...DelayMs), () => empty(namespace));
  };

  return ({ kind, object, previous, type }) => {
    const { uid, name, deletionTimestamp } = object.metadata;
    if (type === 'DELETED' && uid && store.dependents(uid).length > 0) {
      clock.schedule(random.between(...DelayMs), () => collect(uid));
    }
    const waits = (meta: ObjectMeta | undefined) => meta?.finalizers?.includes(ForegroundFinalizer) ?? false;
    if (type === 'MODIFIED' && waits(object.metadata) && !waits(previous?.metadata)) {
      clock.schedule(random.between(...DelayMs), () => collectFirst(kind, object.metadata));
    }
    if (
      kind.plural === Namespaces.plural &&
      type === 'MODIFIED' &&
      deletionTimestamp &&
      !previous?.metadata.deletionTimestamp
    ) {
      clock.schedule(random.between(...DelayMs), () => empty(name));
    }
  };
}
