import { DaemonSets, Deployments, Namespaces, Pods, StatefulSets } from '../../kubernetes/kinds.ts';
import type { Namespace, PartialObject, WorkloadObject } from '../../kubernetes/objects.ts';
import type { Cluster, Kind } from '../../kubernetes/port.ts';
import { rolloutOf } from '../../rollout/readiness.ts';
import { whyUnrestartable } from '../../rollout/restartable.ts';
import { isDeclined, selectionOf } from '../injection.ts';
import type { Revision } from '../revision.ts';
import type { WorkloadKind } from '../workload-kind.ts';
import type { AdmissionWebhook, LoosePod, NamespaceState, Workload, World } from '../world.ts';
import { revisionLabel } from './control-planes.ts';
import { managersOf } from './managers.ts';

/** Beside `kubectl.kubernetes.io/restartedAt` in the pod template: which run and direction restarted it. */
export const tokenAnnotation = 'istio-canary-upgrade/run';

/** Finished pods keep their sidecar's annotation and use no istiod. */
export const livePods = 'status.phase!=Succeeded,status.phase!=Failed';

/** Where the API server keeps each kind of workload. */
export const workloadResources: Readonly<Record<WorkloadKind, Kind>> = {
  Deployment: Deployments,
  StatefulSet: StatefulSets,
  DaemonSet: DaemonSets,
};

const workloadKinds = Object.keys(workloadResources) as WorkloadKind[];

export async function observeNamespaces(cluster: Cluster): Promise<World['namespaces']> {
  const namespaces = await cluster.list<Namespace>(Namespaces);
  return new Map(
    namespaces.map(({ metadata, status }): [string, NamespaceState] => [
      metadata.name,
      {
        name: metadata.name,
        labels: metadata.labels ?? {},
        managers: managersOf({ metadata }),
        terminating: status?.phase === 'Terminating',
      },
    ]),
  );
}

/** Every workload with its rollout, the webhook that injects it, and its live pods by the revision that injected them. */
export async function observeWorkloads(
  cluster: Cluster,
  namespaces: World['namespaces'],
  webhooks: readonly AdmissionWebhook[],
): Promise<Pick<World, 'workloads' | 'loosePods'>> {
  const [pods, ...lists] = await Promise.all([
    cluster.listMetadata(Pods, { fieldSelector: livePods }),
    ...workloadKinds.map(async (kind) => ({
      kind,
      objects: await cluster.list<WorkloadObject>(workloadResources[kind]),
    })),
  ]);
  const owned = groupPods(pods);
  const known = new Set<string>();
  const workloads = lists.flatMap(({ kind, objects }) =>
    objects.map((object): Workload => {
      const id = `${kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`;
      known.add(id);
      return workloadOf(kind, object, id, owned.get(id) ?? [], namespaces, webhooks);
    }),
  );
  const loosePods = [...owned].flatMap(([id, members]) =>
    known.has(id) ? [] : members.flatMap((pod) => looseOf(pod, id)),
  );
  return { workloads, loosePods };
}

function workloadOf(
  kind: WorkloadKind,
  object: WorkloadObject,
  id: string,
  pods: readonly PartialObject[],
  namespaces: World['namespaces'],
  webhooks: readonly AdmissionWebhook[],
): Workload {
  const { metadata, spec } = object;
  const labels = spec.template.metadata?.labels ?? {};
  const annotations = spec.template.metadata?.annotations ?? {};
  const names = Map.groupBy(
    pods.filter((pod) => pod.metadata.deletionTimestamp === undefined),
    revisionOfPod,
  );
  const { hostNetwork = false } = spec.template.spec;
  const outside = isDeclined(metadata.namespace ?? '', { labels, annotations, hostNetwork });
  const selection = selectionOf(webhooks, namespaces.get(metadata.namespace ?? '')?.labels ?? {}, labels);
  const proxy = [...(spec.template.spec.containers ?? []), ...(spec.template.spec.initContainers ?? [])].find(
    ({ name }) => name === 'istio-proxy',
  );
  return {
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    id,
    rollout: rolloutOf(kind, object),
    follows: outside ? undefined : selection,
    pods: new Map([...names].map(([revision, members]) => [revision, members.length])),
    podNames: new Map([...names].map(([revision, members]) => [revision, members.map((pod) => pod.metadata.name)])),
    token: annotations[tokenAnnotation],
    isGateway: (annotations['inject.istio.io/templates'] ?? '').split(',').includes('gateway'),
    hasFixedProxy: proxy?.image !== undefined && proxy.image !== 'auto',
    pinnedImage: annotations['sidecar.istio.io/proxyImage'],
    unrestartable: whyUnrestartable(kind, object),
    template: { labels, annotations },
    selector: spec.selector,
  };
}

/** The truth about a pod, from what the injector wrote into it; gateways of istioctl carry only the label. */
export function revisionOfPod({ metadata }: PartialObject): Revision | 'none' {
  const status = metadata.annotations?.['sidecar.istio.io/status'];
  const written = status === undefined ? undefined : revisionInStatus(status);
  const injected = written ?? metadata.annotations?.[revisionLabel];
  if (injected !== undefined) return injected;
  return gatewayComponents.has(metadata.labels?.['operator.istio.io/component'] ?? '')
    ? (metadata.labels?.[revisionLabel] ?? 'none')
    : 'none';
}

/** What istioctl installs as proxies; its istiod carries the same labels and is none. */
const gatewayComponents = new Set(['IngressGateways', 'EgressGateways']);

function revisionInStatus(text: string): string | undefined {
  // The injector writes this JSON; anything else there is not the injector's, and the annotation beside it decides.
  try {
    const status: unknown = JSON.parse(text);
    const revision =
      typeof status === 'object' && status !== null && 'revision' in status ? status.revision : undefined;
    return typeof revision === 'string' && revision !== '' ? revision : undefined;
  } catch {
    return undefined;
  }
}

/** Pods by the id of what restarts them; a ReplicaSet stands for its Deployment, whose name is its own without the hash. */
function groupPods(pods: readonly PartialObject[]): ReadonlyMap<string, readonly PartialObject[]> {
  return Map.groupBy(pods, ({ metadata }) => {
    const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
    const namespace = metadata.namespace ?? '';
    if (owner === undefined) return `Pod ${namespace}/${metadata.name}`;
    const hash = metadata.labels?.['pod-template-hash'];
    if (owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`))
      return `Deployment ${namespace}/${owner.name.slice(0, -hash.length - 1)}`;
    return `${owner.kind} ${namespace}/${owner.name}`;
  });
}

function looseOf(pod: PartialObject, owner: string): LoosePod[] {
  const revision = revisionOfPod(pod);
  if (revision === 'none') return [];
  const { name, namespace = '' } = pod.metadata;
  const reason = owner.startsWith('Pod ')
    ? 'no controller would make it again'
    : `it belongs to ${owner}, which we do not restart`;
  return [{ namespace, name, revision, reason }];
}
