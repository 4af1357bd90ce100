import type { LabelSelector } from '../../model/kubernetes-object.ts';
import type { Trouble, Workload } from '../../model/world.ts';
import { Pods } from '../../ports/kinds.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import type { ContainerStatus, Pod } from '../../ports/objects.ts';
import { isSidecarContainer } from '../../workloads/sidecar-containers.ts';
import { definitionOf } from '../../workloads/workloads.ts';
import { revisionOfPod } from './pod-facts.ts';

const hopeless = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'CrashLoopBackOff',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

/** What keeps rollouts from progress. Full pods are read only for workloads whose rollout has not moved for a while. */
export async function observeTroubles(cluster: Cluster, stalled: readonly Workload[]): Promise<readonly Trouble[]> {
  const found = await Promise.all(
    stalled.map(async (workload) => {
      const labelSelector = selectorText(workload.selector);
      if (labelSelector === undefined) return [];
      const pods = await cluster.list<Pod>(Pods, { namespace: workload.namespace, labelSelector, fresh: true });
      return troublesOf(workload, pods, cluster.now());
    }),
  );
  return found.flat();
}

/** A kubelet needs a moment after the grace period; a pod that is still there later waits for a finalizer, or for a node that is gone. */
const lateMs = 10_000;

/** @param now the API server's clock, Unix milliseconds */
export function troublesOf(
  { id, kind, rollout }: Pick<Workload, 'id' | 'kind' | 'rollout'>,
  pods: readonly Pod[],
  now: number,
): Trouble[] {
  const starting = pods.flatMap((pod) => troubleOf(pod, id, now, pods));
  if (definitionOf(kind).makesPods === 'beside old ones') return starting;
  const ending = pods.flatMap(({ metadata }): Trouble[] => {
    const lateForMs = now - Date.parse(metadata.deletionTimestamp ?? '');
    if (!(lateForMs >= lateMs)) return [];
    const held = metadata.finalizers?.length ? `, held by ${metadata.finalizers.join(', ')}` : '';
    const message = `its grace period has been over for ${Math.round(lateForMs / 1000)} s${held}`;
    return [{ what: 'ending', workload: id, pod: metadata.name, reason: 'Terminating', message, forMs: lateForMs }];
  });
  const missing = rollout.desired - pods.filter(isThere).length;
  return missing <= 0
    ? [...starting, ...ending]
    : [
        ...starting,
        ...ending,
        {
          what: 'missing',
          workload: id,
          pod: '',
          reason: 'FailedCreate',
          message: `${missing} of ${rollout.desired} pods are not created`,
          forMs: 0,
        },
      ];
}

/**
 * A pod that ends reports a terminal phase while its sidecar still drains, and keeps its name until then.
 * https://github.com/kubernetes/kubernetes/pull/115331
 */
const isThere = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined || (status?.phase !== 'Succeeded' && status?.phase !== 'Failed');

/** The containers of a pod that do not start. An application may fail because its proxy does, so those of the sidecar come first. */
function hopelessContainers({ status }: Pod): readonly ContainerStatus[] {
  const found = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].filter(({ state }) =>
    hopeless.has(state?.waiting?.reason ?? ''),
  );
  return [
    ...found.filter(({ name }) => isSidecarContainer(name)),
    ...found.filter(({ name }) => !isSidecarContainer(name)),
  ];
}

function troubleOf(pod: Pod, workload: string, now: number, all: readonly Pod[]): Trouble[] {
  if (pod.metadata.deletionTimestamp !== undefined) return [];
  const [waiting] = hopelessContainers(pod);
  const revision = revisionOfPod(pod);
  const hasSame = (other: Pod) => hopelessContainers(other).some(({ name }) => name === waiting?.name);
  if (waiting?.state?.waiting !== undefined)
    return [
      {
        what: 'starting',
        workload,
        pod: pod.metadata.name,
        container: {
          name: waiting.name,
          failedBefore: all.some((other) => revisionOfPod(other) !== revision && hasSame(other)),
        },
        reason: waiting.state.waiting.reason ?? '',
        message: waiting.state.waiting.message ?? '',
        forMs: 0,
      },
    ];
  const unscheduled = pod.status?.conditions?.find(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable',
  );
  return unscheduled === undefined
    ? []
    : [
        {
          what: 'waiting',
          workload,
          pod: pod.metadata.name,
          reason: 'Unschedulable',
          message: unscheduled.message ?? '',
          forMs: now - Date.parse(unscheduled.lastTransitionTime ?? pod.metadata.creationTimestamp ?? ''),
        },
      ];
}

function selectorText(selector: LabelSelector | undefined): string | undefined {
  const labels = Object.entries(selector?.matchLabels ?? {});
  return labels.length === 0 ? undefined : labels.map(([key, value]) => `${key}=${value}`).join(',');
}
