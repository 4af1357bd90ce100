import { isMap, isSame } from './json.ts';
import { badRequest, StatusFailure } from './status-failure.ts';

/** What the real server says of every operation that cannot be done: nothing of which one, or why. */
const refused = () =>
  new StatusFailure(422, 'Invalid', 'the server rejected our request due to an error in our request', {});

/**
 * RFC 6902. As the real server has it, a replace of a key that is not there adds it.
 * @throws StatusFailure Invalid if an operation cannot be done, also a test; BadRequest if this is not a patch
 */
export function jsonPatch(live: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest('error decoding patch: json: cannot unmarshal object into Go value');
  return patch.reduce<unknown>((document, operation) => perform(document, operation), structuredClone(live));
}

function perform(document: unknown, operation: unknown): unknown {
  if (!isMap(operation)) throw badRequest('error decoding patch: an operation is not an object');
  const { op } = operation;
  const path = pointer(operation['path']);
  switch (op) {
    case 'add':
      return inserted(document, path, operation['value']);
    case 'replace':
      return replaced(document, path, operation['value']);
    case 'remove':
      return removed(document, path);
    case 'move': {
      const from = pointer(operation['from']);
      const value = found(document, from);
      return inserted(removed(document, from), path, value);
    }
    case 'copy':
      return inserted(document, path, structuredClone(found(document, pointer(operation['from']))));
    case 'test':
      if (!isSame(found(document, path, true), operation['value'])) throw refused();
      return document;
    default:
      throw refused();
  }
}

/** `/a/b~1c` as `a`, `b/c`. */
function pointer(text: unknown): string[] {
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/'))) throw refused();
  return text
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function found(document: unknown, path: readonly string[], isOptional = false): unknown {
  let value = document;
  for (const key of path) {
    value = Array.isArray(value) ? value[Number(key)] : isMap(value) ? value[key] : undefined;
    if (value === undefined && !isOptional) throw refused();
  }
  return value;
}

type Change = (parent: Record<string, unknown> | unknown[], key: string) => void;

function changed(document: unknown, path: readonly string[], change: Change): unknown {
  const key = path.at(-1);
  if (key === undefined) throw refused();
  const parent = found(document, path.slice(0, -1));
  if (!Array.isArray(parent) && !isMap(parent)) throw refused();
  change(parent, key);
  return document;
}

const inserted = (document: unknown, path: readonly string[], value: unknown) =>
  changed(document, path, (parent, key) => {
    if (!Array.isArray(parent)) parent[key] = value;
    else parent.splice(key === '-' ? parent.length : indexIn(key, parent.length + 1), 0, value);
  });

const replaced = (document: unknown, path: readonly string[], value: unknown) =>
  changed(document, path, (parent, key) => {
    if (Array.isArray(parent)) parent[indexIn(key, parent.length)] = value;
    else parent[key] = value;
  });

const removed = (document: unknown, path: readonly string[]) =>
  changed(document, path, (parent, key) => {
    if (Array.isArray(parent)) parent.splice(indexIn(key, parent.length), 1);
    else if (key in parent) delete parent[key];
    else throw refused();
  });

function indexIn(key: string, length: number): number {
  const index = Number(key);
  if (!Number.isInteger(index) || index < 0 || index >= length) throw refused();
  return index;
}
