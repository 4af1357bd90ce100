import { isMap, type JsonMap } from './json.ts';
import { isAtomicMap, itemKey, keysOfList, mergeLists } from './list-merge.ts';
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

/** Kubernetes' own patch: as above, and lists with a merge key merge item by item; `$patch: delete` removes one. */
export function strategicMergePatch(live: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  if (patch['$patch'] === 'replace')
    return Object.fromEntries(Object.entries(patch).filter(([key]) => key !== '$patch'));
  const result: JsonMap = isMap(live) ? { ...live } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) throw badRequest(`not simulated: strategic merge directive ${key}`);
    const keys = Array.isArray(value) ? keysOfList(key, value) : undefined;
    if (value === null) delete result[key];
    else if (Array.isArray(value) && keys) result[key] = strategicMergeList(result[key], value, keys);
    else result[key] = strategicMergePatch(result[key], value);
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

function strategicMergeList(live: unknown, patch: readonly unknown[], keys: readonly string[]): unknown[] {
  const deleted = new Set(
    patch.filter((item) => isMap(item) && item['$patch'] === 'delete').map((item) => itemKey(item as JsonMap, keys)),
  );
  const kept = (Array.isArray(live) ? live : []).filter((item) => !isMap(item) || !deleted.has(itemKey(item, keys)));
  const wanted = patch.filter((item) => !isMap(item) || item['$patch'] !== 'delete');
  return mergeLists(kept, wanted, keys, strategicMergePatch);
}
