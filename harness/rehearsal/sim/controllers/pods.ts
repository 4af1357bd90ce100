import type { KubernetesObject, OwnerReference } from '../../../../src/model/kubernetes-object.ts';
import { Pods } from '../../../../src/ports/kinds.ts';
import type { Pod, PodTemplate } from '../../../../src/ports/objects.ts';
import type { Registry } from '../api-server/registry.ts';

/** Creates a pod from its owner's template; admission runs as for any other pod. */
export function createPod(
  registry: Registry,
  owner: KubernetesObject,
  template: PodTemplate,
  identity: { name: string } | { generateName: string },
  labels: Readonly<Record<string, string>>,
): Pod {
  return registry.create<Pod>(Pods, {
    metadata: {
      ...(template.metadata?.annotations ? { annotations: template.metadata.annotations } : {}),
      name: '',
      ...identity,
      namespace: owner.metadata.namespace ?? '',
      labels: { ...template.metadata?.labels, ...labels },
      ownerReferences: [controllerReference(owner)],
    },
    spec: template.spec,
  });
}

export function controllerReference({
  apiVersion = '',
  kind = '',
  metadata,
}: KubernetesObject): OwnerReference & { blockOwnerDeletion: boolean } {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true, blockOwnerDeletion: true };
}

export function ownedPods(registry: Registry, owner: KubernetesObject): Pod[] {
  return registry.store.owned<Pod>(Pods, owner.metadata.uid ?? '');
}

/** Not finished and not on its way out. */
export function isActive({ metadata, status }: Pod): boolean {
  return !metadata.deletionTimestamp && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

/** Ready for long enough; the other answer says in how many milliseconds it will be. */
export function isAvailable(pod: Pod, minReadySeconds: number | undefined, nowMs: number): boolean {
  return isReady(pod) && availableInMs(pod, minReadySeconds, nowMs) === 0;
}

export function availableInMs({ status }: Pod, minReadySeconds = 0, nowMs: number): number {
  const since = status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
  return Math.max(0, (since ? Date.parse(since) : nowMs) + minReadySeconds * 1000 - nowMs);
}

/** The order in which surplus pods go: unscheduled, not ready, then the youngest. */
export function byDispensability(a: Pod, b: Pod): number {
  const rank = (pod: Pod) =>
    (pod.spec.nodeName ? 1 : 0) + (pod.status?.phase === 'Running' ? 2 : 0) + (isReady(pod) ? 4 : 0);
  return rank(a) - rank(b) || Number(b.metadata.resourceVersion) - Number(a.metadata.resourceVersion);
}

/** A count or a percentage of `total`, as maxSurge (rounded up) and maxUnavailable (rounded down) are given. */
export function resolveCount(value: number | string | undefined, total: number, round: 'up' | 'down'): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  const share = (Number.parseFloat(value) / 100) * total;
  return round === 'up' ? Math.ceil(share) : Math.floor(share);
}
