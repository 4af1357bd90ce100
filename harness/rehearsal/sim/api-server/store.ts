import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import type { Kind } from '../../../../src/ports/kubernetes.ts';
import { splitApiVersion } from './resources.ts';

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly kind: Kind;
  /** As it stands after the change; for DELETED as it last stood, with the version of its deletion. */
  readonly object: KubernetesObject;
  readonly previous?: KubernetesObject;
  readonly resourceVersion: number;
}

interface Table {
  readonly kind: Kind;
  readonly objects: Map<string, KubernetesObject>;
  readonly byNamespace: Map<string, Map<string, KubernetesObject>>;
  /** What watches can be resumed from, oldest first. */
  history: Change[];
  /** Watches from before this version are told that it is too old. */
  compactedTo: number;
}

/** As etcd with a watch cache: so many changes of one resource can be asked for again. */
const HistoryLimit = 20_000;

/**
 * Objects by resource, one growing resource version, a bounded history. Objects are values: a write replaces them, and
 * a reader must not change what it read.
 */
export class Store {
  #resourceVersion = 100;
  readonly #tables = new Map<string, Table>();
  readonly #dependents = new Map<string, Map<string, { kind: Kind; object: KubernetesObject }>>();
  readonly #listeners: ((change: Change) => void)[] = [];

  get resourceVersion(): number {
    return this.#resourceVersion;
  }

  get<T extends KubernetesObject>(kind: Kind, name: string, namespace?: string): T | undefined {
    return this.#table(kind).objects.get(keyOf(name, namespace)) as T | undefined;
  }

  /** In the order of namespace and name, as etcd's keys are. */
  list<T extends KubernetesObject>(kind: Kind, namespace?: string): T[] {
    const table = this.#table(kind);
    const objects = namespace === undefined ? table.objects : (table.byNamespace.get(namespace) ?? new Map());
    return ([...objects.values()] as T[]).sort(byKey);
  }

  /** Everything that names `uid` as an owner. */
  dependents(uid: string): readonly { kind: Kind; object: KubernetesObject }[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])];
  }

  /** Objects of one kind that name `uid` as an owner. */
  owned<T extends KubernetesObject>(kind: Kind, uid: string): T[] {
    const found: T[] = [];
    for (const dependent of this.#dependents.get(uid)?.values() ?? []) {
      if (dependent.kind.plural === kind.plural) found.push(dependent.object as T);
    }
    return found.sort(byKey);
  }

  kinds(): Kind[] {
    return [...this.#tables.values()].map(({ kind }) => kind);
  }

  /** Creates or replaces; gives the next resource version. */
  put<T extends KubernetesObject>(kind: Kind, object: T): T {
    const table = this.#table(kind);
    const { name, namespace } = object.metadata;
    const key = keyOf(name, namespace);
    const previous = table.objects.get(key);
    const resourceVersion = ++this.#resourceVersion;
    const stored: T = { ...object, metadata: { ...object.metadata, resourceVersion: String(resourceVersion) } };
    this.#index(table, key, previous, stored);
    this.#record(table, {
      type: previous ? 'MODIFIED' : 'ADDED',
      kind: table.kind,
      object: stored,
      ...(previous ? { previous } : {}),
      resourceVersion,
    });
    return stored;
  }

  delete(kind: Kind, name: string, namespace?: string): KubernetesObject | undefined {
    const table = this.#table(kind);
    const key = keyOf(name, namespace);
    const previous = table.objects.get(key);
    if (!previous) return undefined;
    const resourceVersion = ++this.#resourceVersion;
    const object = { ...previous, metadata: { ...previous.metadata, resourceVersion: String(resourceVersion) } };
    this.#index(table, key, previous, undefined);
    this.#record(table, { type: 'DELETED', kind: table.kind, object, previous, resourceVersion });
    return object;
  }

  onChange(listener: (change: Change) => void): () => void {
    // A wrapper of its own: the same listener may be here twice, and going twice must take no other along.
    const heard = (change: Change) => listener(change);
    this.#listeners.push(heard);
    return () => {
      const place = this.#listeners.indexOf(heard);
      if (place >= 0) this.#listeners.splice(place, 1);
    };
  }

  /** Changes after a version, or how far back one can go when that is too long ago. */
  since(kind: Kind, resourceVersion: number): { changes: readonly Change[] } | { oldest: number } {
    const { history, compactedTo } = this.#table(kind);
    if (resourceVersion < compactedTo) return { oldest: compactedTo };
    let from = history.length;
    while (from > 0 && (history[from - 1]?.resourceVersion ?? 0) > resourceVersion) from--;
    return { changes: history.slice(from) };
  }

  /** Forgets the history, as etcd's compaction does: watches from older versions get 410. */
  compact(): void {
    for (const table of this.#tables.values()) {
      table.history = [];
      table.compactedTo = this.#resourceVersion;
    }
  }

  #table(kind: Kind): Table {
    const id = `${splitApiVersion(kind.apiVersion).group}/${kind.plural}`;
    const existing = this.#tables.get(id);
    if (existing) return existing;
    const table: Table = { kind, objects: new Map(), byNamespace: new Map(), history: [], compactedTo: 0 };
    this.#tables.set(id, table);
    return table;
  }

  #index(table: Table, key: string, previous: KubernetesObject | undefined, next: KubernetesObject | undefined): void {
    const namespace = (next ?? previous)?.metadata.namespace ?? '';
    const siblings = table.byNamespace.get(namespace) ?? new Map<string, KubernetesObject>();
    table.byNamespace.set(namespace, siblings);
    if (next) {
      table.objects.set(key, next);
      siblings.set(key, next);
    } else {
      table.objects.delete(key);
      siblings.delete(key);
    }
    const id = `${table.kind.plural}/${key}`;
    for (const { uid } of previous?.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(uid);
      dependents?.delete(id);
      if (dependents?.size === 0) this.#dependents.delete(uid);
    }
    for (const { uid } of next?.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(uid) ?? new Map();
      if (next) dependents.set(id, { kind: table.kind, object: next });
      this.#dependents.set(uid, dependents);
    }
  }

  #record(table: Table, change: Change): void {
    table.history.push(change);
    if (table.history.length > 2 * HistoryLimit) {
      const dropped = table.history.splice(0, table.history.length - HistoryLimit);
      table.compactedTo = dropped.at(-1)?.resourceVersion ?? table.compactedTo;
    }
    for (const listener of [...this.#listeners]) listener(change);
  }
}

export function keyOf(name: string, namespace = ''): string {
  return `${namespace}/${name}`;
}

function byKey(a: KubernetesObject, b: KubernetesObject): number {
  return compare(a.metadata.namespace ?? '', b.metadata.namespace ?? '') || compare(a.metadata.name, b.metadata.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
