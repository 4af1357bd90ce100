import { Pods } from '../../kubernetes/kinds.ts';
import type { ContainerStatus, LabelSelector, Pod } from '../../kubernetes/objects.ts';
import type { Cluster } from '../../kubernetes/port.ts';
import type { Trouble, Workload } from '../world.ts';

const hopeless = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'CrashLoopBackOff',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

/** Full pods, but only of the workloads whose rollout has not moved for a while. */
export async function observeTroubles(cluster: Cluster, stalled: readonly Workload[]): Promise<readonly Trouble[]> {
  const found = await Promise.all(
    stalled.map(async (workload) => {
      const labelSelector = selectorText(workload.selector);
      if (labelSelector === undefined) return [];
      const pods = await cluster.list<Pod>(Pods, { namespace: workload.namespace, labelSelector, fresh: true });
      return pods.flatMap((pod) => troubleOf(pod, workload.id));
    }),
  );
  return found.flat();
}

export function troubleOf(pod: Pod, workload: string): Trouble[] {
  if (pod.metadata.deletionTimestamp !== undefined) return [];
  const statuses: ContainerStatus[] = [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
  ];
  const waiting = statuses.find(({ state }) => hopeless.has(state?.waiting?.reason ?? ''));
  if (waiting?.state?.waiting !== undefined)
    return [
      {
        workload,
        pod: pod.metadata.name,
        reason: waiting.state.waiting.reason ?? '',
        message: waiting.state.waiting.message ?? '',
      },
    ];
  const unscheduled = pod.status?.conditions?.find(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable',
  );
  return unscheduled === undefined
    ? []
    : [{ workload, pod: pod.metadata.name, reason: 'Unschedulable', message: unscheduled.message ?? '' }];
}

function selectorText(selector: LabelSelector | undefined): string | undefined {
  const labels = Object.entries(selector?.matchLabels ?? {});
  return labels.length === 0 ? undefined : labels.map(([key, value]) => `${key}=${value}`).join(',');
}
