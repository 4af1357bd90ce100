import type { LabelSelector } from '../../model/kubernetes-object.ts';
import type { Trouble, Workload } from '../../model/world.ts';
import { Pods } from '../../ports/kinds.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import type { Condition, ContainerStatus, Pod } from '../../ports/objects.ts';
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
      const pods = await podsOf(cluster, workload);
      return troublesOf(workload, pods, cluster.now());
    }),
  );
  return found.flat();
}

/** The pods of a workload in full, as they are now; none when its selector does not name labels. */
export async function podsOf(
  cluster: Cluster,
  { namespace, selector }: Pick<Workload, 'namespace' | 'selector'>,
): Promise<readonly Pod[]> {
  const labelSelector = selectorText(selector);
  return labelSelector === undefined ? [] : await cluster.list<Pod>(Pods, { namespace, labelSelector, fresh: true });
}

/** How long after its grace period a pod is late. A kubelet of a busy node was seen to need 14 s; a finalizer is there to be seen. */
const lateMs = { held: 10_000, notHeld: 30_000 };

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
    const isHeld = (metadata.finalizers?.length ?? 0) > 0;
    if (!(lateForMs >= (isHeld ? lateMs.held : lateMs.notHeld))) return [];
    const held = isHeld ? `, held by ${metadata.finalizers?.join(', ')}` : '';
    const message = `its grace period has been over for ${Math.round(lateForMs / 1000)} s${held}`;
    return [
      {
        what: 'ending',
        workload: id,
        pod: metadata.name,
        revision: revisionOfPod({ metadata }),
        reason: 'Terminating',
        message,
        forMs: lateForMs,
      },
    ];
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
          revision: 'none',
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

/** An application may fail because its proxy does, so the containers of the sidecar come first. */
function sidecarFirst(containers: readonly ContainerStatus[]): readonly ContainerStatus[] {
  return [
    ...containers.filter(({ name }) => isSidecarContainer(name)),
    ...containers.filter(({ name }) => !isSidecarContainer(name)),
  ];
}

/** The containers of a pod that do not start. */
const hopelessContainers = ({ status }: Pod): readonly ContainerStatus[] =>
  sidecarFirst(
    [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].filter(({ state }) =>
      hopeless.has(state?.waiting?.reason ?? ''),
    ),
  );

/** The containers of a running pod that are not ready; an init container that has ended is. */
const unreadyContainers = ({ status }: Pod): readonly ContainerStatus[] =>
  sidecarFirst(
    [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].filter(({ ready }) => !ready),
  );

const conditionOf = ({ status }: Pod, type: string): Condition | undefined =>
  status?.conditions?.find((condition) => condition.type === type);

function troubleOf(pod: Pod, workload: string, now: number, all: readonly Pod[]): Trouble[] {
  if (pod.metadata.deletionTimestamp !== undefined) return [];
  const sinceMs = (time: string | undefined): number =>
    Math.max(0, now - (Date.parse(time ?? '') || Date.parse(pod.metadata.creationTimestamp ?? '') || now));
  const revision = revisionOfPod(pod);
  const about = { workload, pod: pod.metadata.name, revision };
  const others = all.filter((other) => revisionOfPod(other) !== revision);
  const ready = conditionOf(pod, 'Ready');
  const [waiting] = hopelessContainers(pod);
  if (waiting?.state?.waiting !== undefined) {
    const failsToo = (other: Pod) => hopelessContainers(other).some(({ name }) => name === waiting.name);
    const { reason = '', message = '' } = waiting.state.waiting;
    const container = {
      name: waiting.name,
      failedBefore: others.some(failsToo),
      restarts: waiting.restartCount ?? 0,
    };
    return [{ ...about, what: 'starting', container, reason, message, forMs: sinceMs(ready?.lastTransitionTime) }];
  }
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.reason === 'Unschedulable') {
    const forMs = sinceMs(scheduled.lastTransitionTime);
    return [{ ...about, what: 'waiting', reason: 'Unschedulable', message: scheduled.message ?? '', forMs }];
  }
  // A kubelet reports the containers of a pod within seconds, whatever keeps them from starting.
  if (scheduled?.status === 'True' && pod.status?.phase === 'Pending' && !pod.status.containerStatuses?.length) {
    const message = `node ${pod.spec.nodeName ?? ''} has not reported its containers`;
    return [{ ...about, what: 'node-lost', reason: 'NodeLost', message, forMs: sinceMs(scheduled.lastTransitionTime) }];
  }
  if (pod.status?.phase !== 'Running' || ready?.status !== 'False') return [];
  const forMs = sinceMs(ready.lastTransitionTime);
  const [unready] = unreadyContainers(pod);
  if (unready === undefined) {
    if (pod.spec.readinessGates?.length) return [];
    // The node controller takes Ready from the pods of a node that does not report, and leaves their containers as they were.
    const message = `node ${pod.spec.nodeName ?? ''} does not report; its containers were ready`;
    return [{ ...about, what: 'node-lost', reason: 'NodeLost', message, forMs }];
  }
  // A pod that ends has unready containers, however healthy they were.
  const isUnready = (other: Pod) =>
    other.metadata.deletionTimestamp === undefined &&
    unreadyContainers(other).some(({ name }) => name === unready.name);
  const restarts = unready.restartCount ?? 0;
  return [
    {
      ...about,
      what: 'unready',
      container: { name: unready.name, failedBefore: others.some(isUnready), restarts },
      reason: ready.reason ?? 'ContainersNotReady',
      message: restarts === 0 ? '' : `restarted ${restarts} times`,
      forMs,
    },
  ];
}

function selectorText(selector: LabelSelector | undefined): string | undefined {
  const labels = Object.entries(selector?.matchLabels ?? {});
  return labels.length === 0 ? undefined : labels.map(([key, value]) => `${key}=${value}`).join(',');
}
