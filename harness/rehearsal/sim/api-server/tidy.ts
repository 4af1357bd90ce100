import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';

const MetadataFields = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;

/** Leaves out what is empty where Kubernetes does: an empty map of labels cannot be told from none. */
export function tidied<T extends KubernetesObject>(object: T): T {
  const { data } = object as { data?: unknown };
  const isDataEmpty = 'data' in object && isEmpty(data);
  if (!isDataEmpty && !MetadataFields.some((field) => isEmpty(object.metadata[field]))) return object;
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(
      ([field, value]) => !MetadataFields.some((one) => one === field) || !isEmpty(value),
    ),
  );
  const rest = Object.fromEntries(Object.entries(object).filter(([field]) => field !== 'data' || !isDataEmpty));
  return { ...rest, metadata } as T;
}

/** Absent is not empty. */
function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}
