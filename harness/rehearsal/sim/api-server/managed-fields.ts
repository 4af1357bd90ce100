import type { KubernetesObject, ManagedFields } from '../../../../src/model/kubernetes-object.ts';
import {
  changedFields,
  displayField,
  type FieldSet,
  fieldsOf,
  fromFieldsV1,
  ownable,
  toFieldsV1,
  withoutField,
} from './field-set.ts';
import { isSame } from './json.ts';
import { applyConflict } from './status-failure.ts';

export interface Writer {
  manager: string;
  apiVersion: string;
  /** RFC 3339, seconds. */
  time: string;
  subresource?: string;
}

type Entry = ManagedFields & { apiVersion?: string; fieldsType?: string };

/** Books what a create, update or patch has changed on its writer, and takes it from everybody else. */
export function trackUpdate(before: KubernetesObject | undefined, after: KubernetesObject, writer: Writer): Entry[] {
  const changed = new Set(changedFields(before ?? {}, after).filter((path) => belongs(path, writer)));
  const there = new Set(ownable(after));
  // A field that is gone has no owner.
  const old = keep(entriesOf(before), (path) => there.has(path));
  if (changed.size === 0) return old;
  const others = release(
    old.filter((entry) => !isOf(entry, writer, 'Update')),
    changed,
  );
  const mine = old.find((entry) => isOf(entry, writer, 'Update'));
  const owned = new Set([...fromFieldsV1(mine?.fieldsV1), ...changed]);
  return [...others, entryOf(writer, 'Update', owned)];
}

/**
 * What `applied` may change, by the rules of server-side apply.
 * @throws StatusFailure Conflict if another manager owns a field with another value and `force` is not set
 */
export function trackApply(
  live: KubernetesObject | undefined,
  merged: KubernetesObject,
  applied: FieldSet,
  writer: Writer,
  force: boolean,
): { object: KubernetesObject; managedFields: Entry[] } {
  const old = entriesOf(live);
  const others = old.filter((entry) => !isOf(entry, writer, 'Apply'));
  const liveFields = fieldsOf(live ?? {});
  const changed = new Set(
    [...applied].filter(([path, value]) => !isSame(liveFields.get(path), value)).map(([path]) => path),
  );
  const conflicts = others.flatMap(({ manager = '', operation, apiVersion = writer.apiVersion, fieldsV1 }) =>
    fromFieldsV1(fieldsV1)
      .filter((path) => changed.has(path))
      .map((path) => ({
        manager,
        ...(operation === 'Update' ? { apiVersion } : {}),
        field: displayField(path),
      })),
  );
  if (conflicts.length > 0 && !force) throw applyConflict(conflicts);

  const mine = old.find((entry) => isOf(entry, writer, 'Apply'));
  const ownedByOthers = new Set(others.flatMap(({ fieldsV1 }) => fromFieldsV1(fieldsV1)));
  const dropped = fromFieldsV1(mine?.fieldsV1).filter((path) => !applied.has(path) && !ownedByOthers.has(path));
  const object = dropped.reduce<unknown>(withoutField, merged) as KubernetesObject;
  return { object, managedFields: [...release(others, changed), entryOf(writer, 'Apply', applied.keys())] };
}

function entriesOf(object: KubernetesObject | undefined): Entry[] {
  return object?.metadata.managedFields ?? [];
}

function isOf({ manager, operation, subresource }: Entry, writer: Writer, wanted: 'Apply' | 'Update'): boolean {
  return manager === writer.manager && operation === wanted && subresource === writer.subresource;
}

/** Status fields belong to writes of the status, all others to writes of the object. */
function belongs(path: string, { subresource }: Writer): boolean {
  return path.startsWith('f:status') === (subresource === 'status');
}

function release(entries: readonly Entry[], taken: ReadonlySet<string>): Entry[] {
  return keep(entries, (path) => !taken.has(path));
}

function keep(entries: readonly Entry[], isKept: (path: string) => boolean): Entry[] {
  return entries.flatMap((entry) => {
    const all = fromFieldsV1(entry.fieldsV1);
    const left = all.filter(isKept);
    if (left.length === all.length) return [entry];
    return left.length === 0 ? [] : [{ ...entry, fieldsV1: toFieldsV1(left) }];
  });
}

function entryOf(writer: Writer, operation: 'Apply' | 'Update', paths: Iterable<string>): Entry {
  const { manager, apiVersion, time, subresource } = writer;
  return {
    manager,
    operation,
    apiVersion,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(paths),
    ...(subresource ? { subresource } : {}),
  };
}
