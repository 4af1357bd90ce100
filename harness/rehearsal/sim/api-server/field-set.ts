import { isMap, isSame, type JsonMap } from './json.ts';
import { isAtomicMap, itemKey, keysOfList } from './list-merge.ts';

const Separator = '\u0000';
/** Set by the server; they have no owner. */
const ServerFields: ReadonlySet<string> = new Set(
  ['name', 'namespace', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'managedFields', 'selfLink'].map(
    (field) => ['f:metadata', `f:${field}`].join(Separator),
  ),
);
const TypeFields: ReadonlySet<string> = new Set(['f:apiVersion', 'f:kind']);

/** Paths of leaves, such as `f:metadata f:labels f:app`; values are what stands there. */
export type FieldSet = ReadonlyMap<string, unknown>;

export function fieldsOf(object: unknown): FieldSet {
  const fields = new Map<string, unknown>();
  collect(object, '', '', fields);
  for (const path of fields.keys()) if (TypeFields.has(path) || isServerField(path)) fields.delete(path);
  return fields;
}

/** The fields that a write has set or changed. */
export function changedFields(before: unknown, after: unknown): string[] {
  const old = fieldsOf(before);
  const changed = [...fieldsOf(after)].filter(([path, value]) => !old.has(path) || !isSame(old.get(path), value));
  const oldMaps = new Set(mapsOf(before));
  return [...changed.map(([path]) => path), ...mapsOf(after).filter((path) => !oldMaps.has(path))];
}

/** Every path that can have an owner. */
export function ownable(object: unknown): string[] {
  return [...fieldsOf(object).keys(), ...mapsOf(object)];
}

/** The maps of free keys: who makes one by an update owns that it is there, beside its keys. */
function mapsOf(object: unknown): string[] {
  const { metadata, data } = (isMap(object) ? object : {}) as { metadata?: unknown; data?: unknown };
  const { labels, annotations } = isMap(metadata) ? metadata : {};
  const found: [string[], unknown][] = [
    [['f:metadata', 'f:labels'], labels],
    [['f:metadata', 'f:annotations'], annotations],
    [['f:data'], data],
  ];
  return found.filter(([, map]) => isMap(map)).map(([path]) => [...path, '.'].join(Separator));
}

/** `fieldsV1` of a managedFields entry. */
export function toFieldsV1(paths: Iterable<string>): JsonMap {
  const root: JsonMap = {};
  for (const path of paths) {
    let node = root;
    for (const element of path.split(Separator)) {
      const child = node[element];
      const next: JsonMap = isMap(child) ? child : {};
      node[element] = next;
      node = next;
    }
  }
  return root;
}

export function fromFieldsV1(fields: unknown, prefix = ''): string[] {
  if (!isMap(fields)) return [];
  return Object.entries(fields).flatMap(([element, below]) => {
    const path = prefix ? `${prefix}${Separator}${element}` : element;
    return isMap(below) && Object.keys(below).length > 0 ? fromFieldsV1(below, path) : [path];
  });
}

/** As conflict messages write it: `.metadata.labels.app`, `.webhooks[name="x"].clientConfig`. */
export function displayField(path: string): string {
  return path
    .split(Separator)
    .filter((element) => element !== '.')
    .map((element) => {
      if (!element.startsWith('k:')) return `.${element.slice(2)}`;
      const key = JSON.parse(element.slice(2)) as JsonMap;
      return `[${Object.entries(key)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(',')}]`;
    })
    .join('');
}

/** Takes one field out of an object, and what is empty after that. */
export function withoutField(object: unknown, path: string): unknown {
  return removeAt(object, path.split(Separator));
}

function isServerField(path: string): boolean {
  const [first, second] = path.split(Separator);
  return ServerFields.has([first, second].join(Separator));
}

function collect(value: unknown, field: string, path: string, into: Map<string, unknown>): void {
  const below = (element: string) => (path ? `${path}${Separator}${element}` : element);
  const keys = Array.isArray(value) ? keysOfList(field, value) : undefined;
  if (Array.isArray(value) && keys) {
    for (const item of value.filter(isMap)) {
      const key = below(itemKey(item, keys));
      into.set(`${key}${Separator}.`, true);
      for (const [name, child] of Object.entries(item)) collect(child, name, `${key}${Separator}f:${name}`, into);
    }
  } else if (isMap(value) && !isAtomicMap(field) && Object.keys(value).length > 0) {
    for (const [name, child] of Object.entries(value)) collect(child, name, below(`f:${name}`), into);
  } else if (path !== '' && value !== undefined) {
    into.set(path, value);
  }
}

function removeAt(value: unknown, [element, ...rest]: readonly string[]): unknown {
  if (element === undefined || value === undefined) return undefined;
  if (Array.isArray(value) && element.startsWith('k:')) {
    const key = JSON.parse(element.slice(2)) as JsonMap;
    const keys = Object.keys(key);
    const isItem = (item: unknown) => isMap(item) && itemKey(item, keys) === element;
    // The item goes only with its own membership entry, not with its last field.
    if (rest[0] === '.') return value.filter((item) => !isItem(item));
    return value.map((item) => (isItem(item) ? removeAt(item, rest) : item));
  }
  if (!isMap(value)) return value;
  const name = element.slice(2);
  const { [name]: child, ...others } = value;
  const left = rest.length === 0 ? undefined : removeAt(child, rest);
  const isEmpty = left === undefined || (isMap(left) && Object.keys(left).length === 0);
  return isEmpty ? others : { ...others, [name]: left };
}
