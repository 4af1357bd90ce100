import type { PartialObject } from '../../model/kubernetes-object.ts';
import { parseRestartMark } from '../../model/restart-mark.ts';
import type { WorkloadKind } from '../../model/workload-kind.ts';
import type { AdmissionWebhook, LoosePod, NamespaceState, Workload, World } from '../../model/world.ts';
import { Namespaces, Pods } from '../../ports/kinds.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import type { Namespace, WorkloadObject } from '../../ports/objects.ts';
import { definitionOf } from '../../workloads/workloads.ts';
import { isDeclined, selectionOf } from '../injection.ts';
import { ownerOf } from '../owner-of.ts';
import { listWorkloads } from './list-workloads.ts';
import { managersOf } from './managers.ts';
import { podFacts } from './pod-facts.ts';
import { templateHash } from './template-hash.ts';

/** Finished pods keep their sidecar's annotation and use no istiod. */
export const livePods = 'status.phase!=Succeeded,status.phase!=Failed';

export async function observeNamespaces(cluster: Cluster): Promise<World['namespaces']> {
  const namespaces = await cluster.list<Namespace>(Namespaces);
  return new Map(namespaces.map((namespace) => [namespace.metadata.name, namespaceState(namespace)]));
}

const knownNamespaces = new WeakMap<Namespace, NamespaceState>();

function namespaceState(namespace: Namespace): NamespaceState {
  const before = knownNamespaces.get(namespace);
  if (before !== undefined) return before;
  const { metadata, status } = namespace;
  const owner = ownerOf(namespace, Namespaces.kind);
  const state = {
    name: metadata.name,
    labels: metadata.labels ?? {},
    managers: managersOf({ metadata }),
    ...(owner && { owner }),
    terminating: status?.phase === 'Terminating',
  };
  knownNamespaces.set(namespace, state);
  return state;
}

/** Every workload with its rollout, the webhook that injects it, and its live pods by the revision that injected them. */
export async function observeWorkloads(
  cluster: Cluster,
  namespaces: World['namespaces'],
  webhooks: readonly AdmissionWebhook[],
): Promise<Pick<World, 'workloads' | 'loosePods'>> {
  const [pods, listed] = await Promise.all([
    cluster.listMetadata(Pods, { fieldSelector: livePods }),
    listWorkloads(cluster),
  ]);
  const owned = podsByOwner(pods);
  const known = new Set<string>();
  const workloads = listed.map(({ kind, id, object, unrestartable }) => {
    known.add(id);
    const namespace = namespaces.get(object.metadata.namespace ?? '');
    return workloadOf(kind, object, { id, members: owned.get(id) ?? [], namespace, webhooks, unrestartable });
  });
  const loosePods = [...owned].flatMap(([id, members]) =>
    known.has(id) ? [] : members.flatMap((pod) => looseOf(pod, id)),
  );
  return { workloads, loosePods };
}

const grouped = new WeakMap<readonly PartialObject[], ReadonlyMap<string, readonly PartialObject[]>>();

/** By the id of what restarts them. The mirror returns the same list until a pod changes. */
export function podsByOwner(pods: readonly PartialObject[]): ReadonlyMap<string, readonly PartialObject[]> {
  const before = grouped.get(pods);
  if (before !== undefined) return before;
  const groups = Map.groupBy(pods, (pod) => podFacts(pod).owner);
  grouped.set(pods, groups);
  return groups;
}

/** What a workload is read from, besides its own object. */
interface Surroundings {
  id: string;
  members: readonly PartialObject[];
  namespace: NamespaceState | undefined;
  webhooks: readonly AdmissionWebhook[];
  /** Why it cannot be restarted, as far as other objects decide that. */
  unrestartable: string | undefined;
}

/** Between two snapshots most workloads have not changed, and neither have the objects around them. */
const known = new WeakMap<WorkloadObject, { seen: Surroundings; workload: Workload }>();

function workloadOf(kind: WorkloadKind, object: WorkloadObject, seen: Surroundings): Workload {
  const before = known.get(object);
  const hasSamePods =
    before !== undefined &&
    before.seen.unrestartable === seen.unrestartable &&
    isSame(before.seen.members, seen.members);
  if (hasSamePods && before.seen.namespace === seen.namespace && before.seen.webhooks === seen.webhooks)
    return before.workload;
  const own = hasSamePods ? before.workload : read(kind, object, seen);
  const { labels, annotations } = own.template;
  const { hostNetwork = false } = object.spec.template.spec;
  const follows = isDeclined(own.namespace, { labels, annotations, hostNetwork })
    ? undefined
    : selectionOf(seen.webhooks, seen.namespace?.labels ?? {}, labels);
  const workload = { ...own, follows };
  known.set(object, { seen, workload });
  return workload;
}

/** What follows from the workload and its pods alone. */
function read(
  kind: WorkloadKind,
  object: WorkloadObject,
  { id, members, unrestartable }: Surroundings,
): Omit<Workload, 'follows'> {
  const { metadata, spec } = object;
  const definition = definitionOf(kind);
  const labels = spec.template.metadata?.labels ?? {};
  const annotations = spec.template.metadata?.annotations ?? {};
  const names = Map.groupBy(
    members.filter((pod) => pod.metadata.deletionTimestamp === undefined),
    (pod) => podFacts(pod).revision,
  );
  const proxy = [...(spec.template.spec.containers ?? []), ...(spec.template.spec.initContainers ?? [])].find(
    ({ name }) => name === 'istio-proxy',
  );
  return {
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    id,
    rollout: definition.rolloutOf(object),
    pods: new Map([...names].map(([revision, pods]) => [revision, pods.length])),
    podNames: new Map([...names].map(([revision, pods]) => [revision, pods.map((pod) => pod.metadata.name)])),
    restartedBy: parseRestartMark(definition.tokenOf(object)),
    isGateway: (annotations['inject.istio.io/templates'] ?? '').split(',').includes('gateway'),
    hasFixedProxy: proxy?.image !== undefined && proxy.image !== 'auto',
    pinnedImage: annotations['sidecar.istio.io/proxyImage'],
    unrestartable: unrestartable ?? definition.whyUnrestartable(object),
    down: definition.whyDown(object),
    template: { labels, annotations, hash: templateHash(spec.template) },
    selector: spec.selector,
  };
}

const isSame = (one: readonly PartialObject[], other: readonly PartialObject[]): boolean =>
  one.length === other.length && one.every((pod, index) => pod === other[index]);

function looseOf(pod: PartialObject, owner: string): LoosePod[] {
  const { revision } = podFacts(pod);
  if (revision === 'none') return [];
  const { name, namespace = '' } = pod.metadata;
  const reason = owner.startsWith('Pod ')
    ? 'no controller would create it again'
    : `it belongs to ${owner}, which this tool does not restart`;
  return [{ namespace, name, revision, reason }];
}
