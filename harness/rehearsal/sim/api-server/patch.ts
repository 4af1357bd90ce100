import { isMap, type JsonMap } from './json.ts';
import { isAtomicMap, isSetList, itemKey, keysOfList, mergeLists } from './list-merge.ts';
import { badRequest } from './status-failure.ts';

/** RFC 7386: null deletes, maps merge, everything else replaces. */
export function mergePatch(live: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const result: JsonMap = isMap(live) ? { ...live } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

const OrderOf = '$setElementOrder/';
const Without = '$deleteFromPrimitiveList/';

/**
 * Kubernetes' own patch: as above, lists with a merge key merge item by item, and directives: `$patch` replaces or
 * deletes a map or an item, `$retainKeys` drops a map's other keys, the two prefixes above order and thin out a list.
 */
export function strategicMergePatch(live: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  if (patch['$patch'] === 'replace') return without(patch, '$patch');
  if (patch['$patch'] === 'delete') return {};
  const retained = patch['$retainKeys'];
  const result: JsonMap = isMap(live) ? { ...live } : {};
  if (Array.isArray(retained)) for (const key of Object.keys(result)) if (!retained.includes(key)) delete result[key];
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) {
      if (key.startsWith(Without) && Array.isArray(value)) {
        const list = key.slice(Without.length);
        const left = result[list];
        if (Array.isArray(left)) result[list] = left.filter((item) => !value.includes(item));
      } else if (key !== '$retainKeys' && !key.startsWith(OrderOf)) {
        throw badRequest(`not simulated: strategic merge directive ${key}`);
      }
      continue;
    }
    if (value === null) delete result[key];
    else if (Array.isArray(value)) result[key] = strategicMergeList(key, result[key], value);
    else result[key] = strategicMergePatch(result[key], value);
  }
  for (const [key, order] of Object.entries(patch)) {
    const list = key.startsWith(OrderOf) ? key.slice(OrderOf.length) : '';
    const items = result[list];
    if (Array.isArray(order) && Array.isArray(items)) result[list] = inOrder(list, items, order);
  }
  return result;
}

/** What a server-side apply makes of the live object, before fields that are no longer wanted are taken away. */
export function applyOver(live: unknown, wanted: unknown, field = ''): unknown {
  if (Array.isArray(wanted)) {
    const keys = keysOfList(field, wanted);
    return keys && Array.isArray(live) ? mergeLists(live, wanted, keys, (a, b) => applyOver(a, b)) : wanted;
  }
  if (!isMap(wanted) || !isMap(live) || isAtomicMap(field)) return wanted;
  const result: JsonMap = { ...live };
  for (const [key, value] of Object.entries(wanted)) result[key] = applyOver(result[key], value, key);
  return result;
}

/** What the patch names comes in its order, before what only the live list has, unless both stood the other way round. */
function strategicMergeList(field: string, live: unknown, patch: readonly unknown[]): unknown[] {
  const old = Array.isArray(live) ? live : [];
  if (isSetList(field)) return interleaved([...new Set(patch)], old, (item) => item);
  const keys = keysOfList(field, patch);
  if (!keys) return patch.filter((item) => !isMap(item) || item['$patch'] !== 'replace');
  if (patch.some((item) => isMap(item) && item['$patch'] === 'replace' && Object.keys(item).length === 1))
    return patch.filter((item) => !isMap(item) || item['$patch'] === undefined);
  const keyOf = (item: unknown) => (isMap(item) ? itemKey(item, keys) : item);
  const deleted = new Set(patch.filter((item) => isMap(item) && item['$patch'] === 'delete').map(keyOf));
  const byKey = new Map(old.map((item) => [keyOf(item), item]));
  const wanted = patch
    .filter((item) => !deleted.has(keyOf(item)))
    .map((item) => strategicMergePatch(byKey.get(keyOf(item)), item));
  return interleaved(
    wanted,
    old.filter((item) => !deleted.has(keyOf(item))),
    keyOf,
  );
}

function interleaved(
  wanted: readonly unknown[],
  live: readonly unknown[],
  keyOf: (item: unknown) => unknown,
): unknown[] {
  const place = new Map(live.map((item, index) => [keyOf(item), index]));
  const named = new Set(wanted.map(keyOf));
  const rest = live.filter((item) => !named.has(keyOf(item)));
  const result: unknown[] = [];
  for (const item of wanted) {
    const at = place.get(keyOf(item));
    while (at !== undefined && rest.length > 0 && (place.get(keyOf(rest[0])) ?? 0) < at) result.push(rest.shift());
    result.push(item);
  }
  return [...result, ...rest];
}

function inOrder(field: string, items: readonly unknown[], order: readonly unknown[]): unknown[] {
  const keys = keysOfList(field, items) ?? [];
  const keyOf = (item: unknown) => (isMap(item) ? itemKey(item, keys) : item);
  const rank = new Map(order.map((item, index) => [keyOf(item), index]));
  return items.toSorted((a, b) => (rank.get(keyOf(a)) ?? order.length) - (rank.get(keyOf(b)) ?? order.length));
}

function without(map: JsonMap, field: string): JsonMap {
  return Object.fromEntries(Object.entries(map).filter(([key]) => key !== field));
}
