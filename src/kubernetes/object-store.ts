import type { KubernetesObject } from '../model/kubernetes-object.ts';

export interface ObjectEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: KubernetesObject;
}

type Identity = { name: string; namespace?: string | undefined };

/**
 * The objects of one watched list. An object is never replaced by an older version, so an event that was under way does not
 * hide our own write. Resource versions grow over all kinds of one API server.
 */
export class ObjectStore {
  #objects = new Map<string, KubernetesObject>();
  /** Objects that we deleted, by uid, until the server reports the deletion. */
  readonly #deleted = new Map<string, string>();
  #seenUpTo = '';
  #items: readonly KubernetesObject[] | undefined;

  /** The store contains all changes up to this resource version. */
  get seenUpTo(): string {
    return this.#seenUpTo;
  }

  get size(): number {
    return this.#objects.size;
  }

  /** The same array until something changes. */
  items(): readonly KubernetesObject[] {
    this.#items ??= [...this.#objects.values()];
    return this.#items;
  }

  /** Replaces the content by a whole list. @returns whether that changed anything */
  reset(items: readonly KubernetesObject[], resourceVersion: string): boolean {
    const next = new Map<string, KubernetesObject>();
    for (const item of items) {
      const key = keyOf(item.metadata);
      if (this.#isDeleted(key, item)) continue;
      const held = this.#objects.get(key);
      next.set(key, held && isNewer(held.metadata.resourceVersion, item.metadata.resourceVersion) ? held : item);
    }
    for (const [key, held] of this.#objects) {
      if (!next.has(key) && isNewer(held.metadata.resourceVersion, resourceVersion)) next.set(key, held);
    }
    const listed = new Set(items.map(({ metadata }) => keyOf(metadata)));
    for (const key of this.#deleted.keys()) if (!listed.has(key)) this.#deleted.delete(key);
    const changed = differ(this.#objects, next);
    this.#objects = next;
    this.#seenUpTo = resourceVersion;
    if (changed) this.#items = undefined;
    return changed;
  }

  /** Applies one event of a watch. @returns whether that changed anything */
  apply({ type, object }: ObjectEvent): boolean {
    this.bookmark(object.metadata.resourceVersion ?? '');
    const key = keyOf(object.metadata);
    const held = this.#objects.get(key);
    if (held && isNewer(held.metadata.resourceVersion, object.metadata.resourceVersion)) return false;
    if (type === 'DELETED') {
      if (this.#deleted.get(key) === object.metadata.uid) this.#deleted.delete(key);
      return this.#drop(key);
    }
    if (this.#isDeleted(key, object)) return false;
    return this.#hold(key, object);
  }

  /** The server reports that nothing else changed up to this resource version. */
  bookmark(resourceVersion: string): void {
    if (isNewer(resourceVersion, this.#seenUpTo)) this.#seenUpTo = resourceVersion;
  }

  /** Applies the result of our own write. @returns whether that changed anything */
  written(object: KubernetesObject): boolean {
    // The watch is already past this write: the store contains it and all later changes.
    if (!isNewer(object.metadata.resourceVersion, this.#seenUpTo)) return false;
    const key = keyOf(object.metadata);
    const held = this.#objects.get(key);
    if (held && isNewer(held.metadata.resourceVersion, object.metadata.resourceVersion)) return false;
    return this.#hold(key, object);
  }

  /** Removes an object that our own write moved out of the selection of this list. */
  left(object: KubernetesObject): boolean {
    const key = keyOf(object.metadata);
    const held = this.#objects.get(key);
    if (!held || isNewer(held.metadata.resourceVersion, object.metadata.resourceVersion)) return false;
    return this.#drop(key);
  }

  /** Removes an object that we deleted. @param uid of the deleted object, if the answer contained it */
  deleted(target: Identity, uid: string | undefined): boolean {
    const key = keyOf(target);
    const held = this.#objects.get(key);
    if (!held || (uid !== undefined && held.metadata.uid !== uid)) return false;
    if (held.metadata.uid !== undefined) this.#deleted.set(key, held.metadata.uid);
    return this.#drop(key);
  }

  #hold(key: string, object: KubernetesObject): boolean {
    const held = this.#objects.get(key);
    const { resourceVersion } = object.metadata;
    if (held && resourceVersion !== undefined && held.metadata.resourceVersion === resourceVersion) return false;
    this.#objects.set(key, object);
    this.#items = undefined;
    return true;
  }

  #drop(key: string): boolean {
    const dropped = this.#objects.delete(key);
    if (dropped) this.#items = undefined;
    return dropped;
  }

  #isDeleted(key: string, { metadata }: KubernetesObject): boolean {
    return metadata.uid !== undefined && this.#deleted.get(key) === metadata.uid;
  }
}

const keyOf = ({ namespace, name }: Identity) => `${namespace ?? ''}/${name}`;

/** Compares as numbers of any length; what is not a number is never newer. @see https://kep.k8s.io/5504 */
export function isNewer(a: string | undefined, b: string | undefined): boolean {
  if (!isNumber(a)) return false;
  if (!isNumber(b)) return true;
  return a.length === b.length ? a > b : a.length > b.length;
}

function isNumber(version: string | undefined): version is string {
  return version !== undefined && /^[1-9][0-9]*$/.test(version);
}

function differ(a: ReadonlyMap<string, KubernetesObject>, b: ReadonlyMap<string, KubernetesObject>): boolean {
  if (a.size !== b.size) return true;
  for (const [key, { metadata }] of b) {
    const other = a.get(key)?.metadata;
    if (other?.uid !== metadata.uid || other?.resourceVersion !== metadata.resourceVersion) return true;
    if (metadata.resourceVersion === undefined) return true;
  }
  return false;
}
