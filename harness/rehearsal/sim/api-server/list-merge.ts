import { isMap, type JsonMap } from './json.ts';

/** Lists that Kubernetes merges item by item, and the fields that tell their items apart. Every other list is atomic. */
const ListKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  imagePullSecrets: ['name'],
  webhooks: ['name'],
  conditions: ['type'],
  ownerReferences: ['uid'],
};
const PortKeys = { container: ['containerPort', 'protocol'], service: ['port', 'protocol'] } as const;

/** Maps that Kubernetes replaces as a whole. */
const AtomicMaps: ReadonlySet<string> = new Set(['selector', 'namespaceSelector', 'objectSelector', 'fieldsV1']);

/** A list of texts whose items are merged one by one. */
export function isSetList(field: string): boolean {
  return field === 'finalizers';
}

export function isAtomicMap(field: string): boolean {
  return AtomicMaps.has(field);
}

/** The keys of an associative list, or undefined for an atomic one. */
export function keysOfList(field: string, items: readonly unknown[]): readonly string[] | undefined {
  if (items.length === 0 || !items.every(isMap)) return undefined;
  if (field === 'ports') return items.some((item) => 'containerPort' in item) ? PortKeys.container : PortKeys.service;
  return ListKeys[field];
}

const Defaults: JsonMap = { protocol: 'TCP' };

/** For example `k:{"name":"app"}`, the form of managedFields. */
export function itemKey(item: JsonMap, keys: readonly string[]): string {
  return `k:${JSON.stringify(Object.fromEntries(keys.map((key) => [key, item[key] ?? Defaults[key]])))}`;
}

/** Merges two associative lists: old order first, then what is new. */
export function mergeLists(
  live: readonly unknown[],
  wanted: readonly unknown[],
  keys: readonly string[],
  mergeItem: (live: JsonMap, wanted: JsonMap) => unknown,
): unknown[] {
  const byKey = new Map(wanted.filter(isMap).map((item) => [itemKey(item, keys), item]));
  const merged = live.filter(isMap).map((item) => {
    const key = itemKey(item, keys);
    const change = byKey.get(key);
    byKey.delete(key);
    return change ? mergeItem(item, change) : item;
  });
  return [...merged, ...byKey.values()];
}
