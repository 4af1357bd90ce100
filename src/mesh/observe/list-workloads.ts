import { type WorkloadKind, workloadKinds } from '../../model/workload-kind.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import type { PodTemplate, WorkloadObject } from '../../ports/objects.ts';
import { definitionOf, isWorkloadKind, workloadId } from '../../workloads/workloads.ts';

export interface ListedWorkload {
  kind: WorkloadKind;
  id: string;
  /** With its pod template, also when another object contains it. */
  object: WorkloadObject;
  /** Why it cannot be restarted, as far as other objects decide that. */
  unrestartable?: string;
}

/** The kinds of workload that this cluster serves. Whether a kind of a CustomResourceDefinition is served is asked once in a run. */
export async function servedWorkloads(cluster: Cluster): Promise<readonly WorkloadKind[]> {
  const served = await Promise.all(
    workloadKinds.map(async (kind) => {
      const { resource, mayBeAbsent } = definitionOf(kind);
      return !mayBeAbsent || (await cluster.serves(resource)) ? [kind] : [];
    }),
  );
  return served.flat();
}

/** Every workload of the cluster, kind by kind, from the watched lists. */
export async function listWorkloads(cluster: Cluster): Promise<readonly ListedWorkload[]> {
  const lists = await Promise.all(
    (await servedWorkloads(cluster)).map(async (kind) =>
      (await cluster.list<WorkloadObject>(definitionOf(kind).resource)).map((object) => ({
        kind,
        id: idOf(kind, object),
        object,
      })),
    ),
  );
  return withTemplates(lists.flat());
}

/** One workload with its whole pod template; the watched lists leave parts of both out. `undefined` when the workload is gone. */
export async function readWhole(
  cluster: Cluster,
  { kind, namespace, name }: { kind: WorkloadKind; namespace: string; name: string },
): Promise<{ object: WorkloadObject; template: PodTemplate } | undefined> {
  const { resource, templateReference } = definitionOf(kind);
  // The user has the right to list; to get is another right.
  const [object] = await cluster.list<WorkloadObject>(resource, { namespace, fieldSelector: `metadata.name=${name}` });
  if (object === undefined) return undefined;
  const reference = templateReference?.(object);
  if (reference === undefined) return { object, template: object.spec.template };
  if (!isWorkloadKind(reference.kind)) return undefined;
  const lender = await readWhole(cluster, { kind: reference.kind, namespace, name: reference.name });
  return lender && { object, template: lender.template };
}

/** A Rollout may use the pod template of a Deployment. That Deployment then usually has no pods and does not count as a workload. */
function withTemplates(all: readonly ListedWorkload[]): readonly ListedWorkload[] {
  const referring = all.flatMap((workload) => {
    const reference = definitionOf(workload.kind).templateReference?.(workload.object);
    return reference === undefined ? [] : [{ workload, reference }];
  });
  if (referring.length === 0) return all;
  const byId = new Map(all.map((workload) => [workload.id, workload]));
  const completed = new Map<string, ListedWorkload>();
  const lenders = new Map<string, string>();
  for (const { workload, reference } of referring) {
    const { kind, id, object } = workload;
    const lender = byId.get(`${reference.kind} ${object.metadata.namespace ?? ''}/${reference.name}`);
    if (lender !== undefined) lenders.set(lender.id, id);
    completed.set(
      id,
      lender === undefined
        ? {
            kind,
            id,
            object: { ...object, spec: { ...object.spec, template: { spec: { containers: [] } } } },
            unrestartable: `its pod template is that of ${reference.kind} ${reference.name}, which is not among the workloads`,
          }
        : { ...workload, object: borrowed(object, lender.object) },
    );
  }
  return all.flatMap((workload) => {
    const user = lenders.get(workload.id);
    if (user === undefined) return [completed.get(workload.id) ?? workload];
    if (workload.object.spec.replicas === 0) return [];
    // A restart would change the template that the Rollout uses.
    return [{ ...workload, unrestartable: `${user} uses its pod template, and a change of it begins an update there` }];
  });
}

const known = new WeakMap<WorkloadObject, { lender: WorkloadObject; object: WorkloadObject }>();

/** The same object until one of the two changes. */
function borrowed(object: WorkloadObject, lender: WorkloadObject): WorkloadObject {
  const before = known.get(object);
  if (before?.lender === lender) return before.object;
  const selector = object.spec.selector ?? lender.spec.selector;
  const { template } = lender.spec;
  const whole = { ...object, spec: { ...object.spec, ...(selector === undefined ? {} : { selector }), template } };
  known.set(object, { lender, object: whole });
  return whole;
}

const ids = new WeakMap<WorkloadObject, string>();

function idOf(kind: WorkloadKind, object: WorkloadObject): string {
  const before = ids.get(object);
  if (before !== undefined) return before;
  const id = workloadId(kind, object.metadata.namespace ?? '', object.metadata.name);
  ids.set(object, id);
  return id;
}
