import type { PartialObject } from '../../model/kubernetes-object.ts';
import { ownerLabels } from '../../workloads/owner-of-pod.ts';
import { readAlike, revisionInStatus, statusAnnotation } from './pod-facts.ts';

const labelsRead = ['istio.io/rev', 'operator.istio.io/component', ...ownerLabels];
const annotationsRead = ['istio.io/rev', statusAnnotation] as const;
/** The parts that pods of one template share are kept once, for at most this many templates. */
const templatesMax = 10_000;

type Shared = Pick<PartialObject['metadata'], 'labels' | 'annotations' | 'ownerReferences'>;

/**
 * What is kept of a pod: only the fields that the program reads. Fifty thousand pods are most of the memory of a run, and the
 * status of a sidecar alone is longer than all of this.
 * @returns a function with its own cache, for one watched list
 */
export function podShape(): (pod: PartialObject) => PartialObject {
  const shared = new Map<string, Shared>();
  return ({ apiVersion, kind, metadata }) => {
    const { name, namespace, uid, resourceVersion, deletionTimestamp } = metadata;
    const read = readParts(metadata);
    const key = JSON.stringify(read);
    if (shared.size >= templatesMax) shared.clear();
    let common = shared.get(key);
    if (common === undefined) {
      common = read;
      shared.set(key, common);
      readAlike({ metadata: { ...metadata, ...common } });
    }
    return {
      ...(apiVersion === undefined ? {} : { apiVersion }),
      ...(kind === undefined ? {} : { kind }),
      metadata: {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
        ...common,
      },
    };
  };
}

function readParts({ labels = {}, annotations = {}, ownerReferences = [] }: PartialObject['metadata']): Shared {
  const status = annotations[statusAnnotation];
  const revision = status === undefined ? undefined : revisionInStatus(status);
  const slim =
    revision === undefined ? annotations : { ...annotations, [statusAnnotation]: JSON.stringify({ revision }) };
  return {
    labels: picked(labels, labelsRead),
    annotations: picked(slim, annotationsRead),
    ownerReferences: ownerReferences.filter(({ controller }) => controller === true),
  };
}

function picked(all: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  const some: Record<string, string> = {};
  for (const name of names) {
    const value = all[name];
    if (value !== undefined) some[name] = value;
  }
  return some;
}
