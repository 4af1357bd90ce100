import type { ObjectMeta } from '../../model/kubernetes-object.ts';

/** The field managers that wrote an object, as the API server records them. */
export function managersOf({ metadata }: { metadata: ObjectMeta }): readonly string[] {
  return [
    ...new Set((metadata.managedFields ?? []).flatMap(({ manager }) => (manager === undefined ? [] : [manager]))),
  ];
}
