import type { OwnerReference, PartialObject } from '../../model/kubernetes-object.ts';
import type { Workload } from '../../model/world.ts';
import { Pods } from '../../ports/kinds.ts';
import type { Pod, PodTemplate, WorkloadObject } from '../../ports/objects.ts';
import { definitionOf } from '../../workloads/workloads.ts';

/** What a pod of a workload is made from. */
export interface PodSource {
  object: WorkloadObject;
  template: PodTemplate;
  /** Live pods of the workload, which show what owns them. */
  members: readonly PartialObject[];
}

/**
 * A pod as the controller of the workload makes it: policies look at its owner, and its containers mount the volumes of its claims.
 * Only its name is not one that the controller gives.
 */
export function probePod(workload: Pick<Workload, 'kind' | 'namespace' | 'name'>, source: PodSource): Pod {
  const { object, template } = source;
  const newest = newestOf(source.members);
  const hashLabel = definitionOf(workload.kind).replicaSetLabel ?? '';
  const hash = newest?.metadata.labels?.[hashLabel];
  return {
    apiVersion: Pods.apiVersion,
    kind: Pods.kind,
    metadata: {
      name: probeName(workload.name),
      namespace: workload.namespace,
      labels: { ...template.metadata?.labels, ...(hash === undefined ? {} : { [hashLabel]: hash }) },
      annotations: template.metadata?.annotations ?? {},
      ownerReferences: [ownerOf(workload, object, newest)],
    },
    spec: withClaims(template, object),
  };
}

const suffix = '-dry-run';
/** A pod's name is its host name. */
const nameMax = 63;

/** A part of a name may end neither with a dash nor with a dot. */
export const probeName = (workload: string): string =>
  `${workload.slice(0, nameMax - suffix.length).replace(/[-.]+$/, '')}${suffix}`;

/** Resource versions grow with time. */
function newestOf(members: readonly PartialObject[]): PartialObject | undefined {
  const age = ({ metadata }: PartialObject): number => Number(metadata.resourceVersion ?? 0);
  return members.reduce<PartialObject | undefined>(
    (newest, member) => (newest === undefined || age(member) > age(newest) ? member : newest),
    undefined,
  );
}

/**
 * `blockOwnerDeletion` is left out: some API servers want an additional right for it, and no policy reads it.
 * @param member a live pod; without one the name of its ReplicaSet is not known, and that of the workload stands in for it
 */
function ownerOf(
  { kind, name }: Pick<Workload, 'kind' | 'name'>,
  { metadata }: WorkloadObject,
  member: PartialObject | undefined,
): OwnerReference {
  const { resource, replicaSetLabel } = definitionOf(kind);
  const uid = metadata.uid ?? '';
  if (replicaSetLabel === undefined)
    return { apiVersion: resource.apiVersion, kind: resource.kind, name, uid, controller: true };
  const seen = member?.metadata.ownerReferences?.find(({ controller }) => controller === true);
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: seen?.name ?? name,
    uid: seen?.uid ?? uid,
    controller: true,
  };
}

/** A StatefulSet puts the volumes of its claims over those of the same name in its template. */
function withClaims({ spec }: PodTemplate, { metadata, spec: { volumeClaimTemplates = [] } }: WorkloadObject) {
  if (volumeClaimTemplates.length === 0) return spec;
  const claims = volumeClaimTemplates.map(({ metadata: { name } }) => ({
    name,
    persistentVolumeClaim: { claimName: `${name}-${metadata.name}-0` },
  }));
  const claimed = new Set(claims.map(({ name }) => name));
  return { ...spec, volumes: [...(spec.volumes ?? []).filter(({ name }) => !claimed.has(name)), ...claims] };
}
