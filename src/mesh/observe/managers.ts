import type { ObjectMeta } from '../../model/kubernetes-object.ts';

/** Who has written an object, by the names that the API server keeps. */
export function managersOf({ metadata }: { metadata: ObjectMeta }): readonly string[] {
  return [
    ...new Set((metadata.managedFields ?? []).flatMap(({ manager }) => (manager === undefined ? [] : [manager]))),
  ];
}
