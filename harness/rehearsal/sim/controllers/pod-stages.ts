import type { Condition, Container, ContainerStatus, Pod } from '../../../../src/ports/objects.ts';
import { isSidecarContainer } from '../../../../src/workloads/sidecar-containers.ts';
import { isReady } from './pods.ts';

/** One step in the life of a pod: whom it is for, when it comes, what it writes. The first match in a table wins. */
export interface PodStage {
  name: string;
  matches(pod: Pod): boolean;
  delayMs: number;
  /** Added to the delay, evenly drawn from zero to this. */
  jitterMs: number;
  /** The next state; `gone` removes the pod from the store. */
  next(pod: Pod, facts: StageFacts): PodChange | 'gone';
}

interface PodChange {
  nodeName?: string;
  status: NonNullable<Pod['status']> & Record<string, unknown>;
}

interface StageFacts {
  now: string;
  /** Where the scheduler would put it. */
  node: string;
  podIP: string;
}

/** The life of a pod that nothing happens to: ready about a second after its creation. */
export const HealthyStages: readonly PodStage[] = [
  {
    name: 'terminate',
    matches: ({ metadata }) => metadata.deletionTimestamp !== undefined,
    delayMs: 100,
    jitterMs: 400,
    next: () => 'gone',
  },
  {
    name: 'schedule',
    matches: (pod) => !isScheduled(pod),
    delayMs: 4,
    jitterMs: 20,
    next: (pod, { now, node }) => ({
      nodeName: node,
      status: { ...pod.status, phase: 'Pending', conditions: set(pod, now, ['PodScheduled', 'True']) },
    }),
  },
  {
    name: 'start',
    matches: ({ status }) => status?.phase === 'Pending',
    delayMs: 250,
    jitterMs: 250,
    next: (pod, { now, podIP }) => ({ status: started(pod, now, podIP) }),
  },
  {
    name: 'ready',
    matches: (pod) => pod.status?.phase === 'Running' && !isReady(pod),
    delayMs: 400,
    jitterMs: 400,
    next: (pod, { now }) => ({
      status: {
        ...pod.status,
        conditions: set(pod, now, ['ContainersReady', 'True'], ['Ready', 'True']),
        containerStatuses: (pod.status?.containerStatuses ?? []).map((status) => ({
          ...status,
          ready: true,
          state: { running: { startedAt: now } },
        })),
        initContainerStatuses: (pod.status?.initContainerStatuses ?? []).map((status) => ({
          ...status,
          ready: true,
          ...(status.state?.waiting === undefined ? {} : { state: { running: { startedAt: now } } }),
        })),
      },
    }),
  },
];

type Failed = 'sidecar' | 'application';

/** The statuses of a pod of which the sidecar or the application fails; without a sidecar it is the application. */
function statusesOf(
  { spec }: Pod,
  failed: Failed,
  statusWhenFailed: (container: Container) => ContainerStatus,
  now: string,
): Pick<NonNullable<Pod['status']>, 'containerStatuses' | 'initContainerStatuses'> {
  const { containers, initContainers = [] } = spec;
  const hasSidecar = [...initContainers, ...containers].some(({ name }) => isSidecarContainer(name));
  const statusFor = (container: Container): ContainerStatus => {
    if (isSidecarContainer(container.name) === (failed === 'sidecar' && hasSidecar)) return statusWhenFailed(container);
    // The application waits for the sidecar; the sidecar does not wait for the application.
    return failed === 'sidecar'
      ? { ...statusOf(container), state: { waiting: { reason: 'PodInitializing' } } }
      : { ...statusOf(container), ready: true, state: { running: { startedAt: now } } };
  };
  return {
    containerStatuses: containers.map(statusFor),
    initContainerStatuses: initContainers.map(statusFor),
  };
}

const imagePull = (name: string, failed: Failed): PodStage => ({
  name,
  matches: (pod) => isScheduled(pod) && pod.status?.phase === 'Pending' && !isWaiting(pod),
  delayMs: 700,
  jitterMs: 600,
  next: (pod, { now }) => {
    const waits = (container: Container) => ({
      ...statusOf(container),
      state: { waiting: { reason: 'ErrImagePull', message: `no such image ${container.image ?? ''}` } },
    });
    const initialized = failed === 'sidecar' ? 'False' : 'True';
    return {
      status: {
        ...pod.status,
        phase: 'Pending',
        conditions: set(pod, now, ['Initialized', initialized], ['Ready', 'False'], ['ContainersReady', 'False']),
        ...statusesOf(pod, failed, waits, now),
      },
    };
  },
});

const crashLoop = (name: string, failed: Failed): PodStage => ({
  name,
  matches: (pod) => pod.status?.phase === 'Running' && !isWaiting(pod),
  delayMs: 800,
  jitterMs: 400,
  next: (pod, { now }) => {
    const { metadata } = pod;
    const waits = (container: Container) => ({
      ...statusOf(container),
      restartCount: 3,
      state: {
        waiting: {
          reason: 'CrashLoopBackOff',
          message: `back-off 40s restarting failed container=${container.name} pod=${metadata.name}_${metadata.namespace}`,
        },
      },
    });
    return {
      status: {
        ...pod.status,
        conditions: set(pod, now, ['Ready', 'False'], ['ContainersReady', 'False']),
        ...statusesOf(pod, failed, waits, now),
      },
    };
  },
});

/** What can go wrong with a pod, by name. Each stands before the healthy stages for the pods it was given. */
export const PodFaults = {
  unschedulable: {
    name: 'unschedulable',
    matches: (pod) => !isScheduled(pod) && !hasCondition(pod, 'PodScheduled', 'Unschedulable'),
    delayMs: 4,
    jitterMs: 20,
    next: (pod, { now }) => ({
      status: {
        ...pod.status,
        phase: 'Pending',
        conditions: set(pod, now, [
          'PodScheduled',
          'False',
          'Unschedulable',
          '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.',
        ]),
      },
    }),
  },
  'image-pull': imagePull('image-pull', 'sidecar'),
  'crash-loop': crashLoop('crash-loop', 'sidecar'),
  'app-image-pull': imagePull('app-image-pull', 'application'),
  'app-crash-loop': crashLoop('app-crash-loop', 'application'),
  /** Runs, and its readiness probe fails for ever. */
  'never-ready': {
    name: 'never-ready',
    matches: (pod) => pod.status?.phase === 'Running' && !isReady(pod),
    delayMs: Number.POSITIVE_INFINITY,
    jitterMs: 0,
    next: (pod) => ({ status: { ...pod.status } }),
  },
  /** The node controller takes Ready from a pod whose node does not report; its containers stay as they were. */
  'marked-not-ready': {
    name: 'marked-not-ready',
    matches: (pod) => pod.status?.phase === 'Running' && isReady(pod),
    delayMs: 40,
    jitterMs: 200,
    next: (pod, { now }) => ({ status: { ...pod.status, conditions: set(pod, now, ['Ready', 'False']) } }),
  },
  /** No kubelet starts, ends or reports it. */
  'without-kubelet': {
    name: 'without-kubelet',
    matches: () => true,
    delayMs: Number.POSITIVE_INFINITY,
    jitterMs: 0,
    next: (pod) => ({ status: { ...pod.status } }),
  },
} as const satisfies Record<string, PodStage>;

export type PodFault = keyof typeof PodFaults;

function isScheduled(pod: Pod): boolean {
  return (
    hasCondition(pod, 'PodScheduled') &&
    pod.status?.conditions?.some((c) => c.type === 'PodScheduled' && c.status === 'True') === true
  );
}

/** Stuck before or after its first start. */
function isWaiting({ status }: Pod): boolean {
  return status?.containerStatuses?.some(({ state }) => state?.waiting !== undefined) ?? false;
}

function started(pod: Pod, now: string, podIP: string): PodChange['status'] {
  const running = { running: { startedAt: now } };
  return {
    ...pod.status,
    phase: 'Running',
    podIP,
    podIPs: [{ ip: podIP }],
    hostIP: '10.0.0.2',
    startTime: now,
    conditions: set(pod, now, ['Initialized', 'True'], ['Ready', 'False'], ['ContainersReady', 'False']),
    containerStatuses: pod.spec.containers.map((container) => ({ ...statusOf(container), state: running })),
    initContainerStatuses: (pod.spec.initContainers ?? []).map(
      (container): ContainerStatus =>
        // A native sidecar goes on running; any other init container has ended.
        container.restartPolicy === 'Always'
          ? { ...statusOf(container), ...{ started: true }, state: running }
          : { ...statusOf(container), ready: true, ...EndedWell },
    ),
  };
}

const EndedWell = { state: { terminated: { exitCode: 0, reason: 'Completed' } } } as object;

function statusOf({ name, image }: Container): ContainerStatus & { image: string } {
  return { name, image: image ?? '', ready: false, restartCount: 0 };
}

function hasCondition({ status }: Pod, type: string, reason?: string): boolean {
  return status?.conditions?.some((c) => c.type === type && (reason === undefined || c.reason === reason)) ?? false;
}

function set(
  pod: Pod,
  now: string,
  ...changes: [type: string, status: string, reason?: string, message?: string][]
): Condition[] {
  const types = new Set(changes.map(([type]) => type));
  return [
    ...(pod.status?.conditions ?? []).filter(({ type }) => !types.has(type)),
    ...changes.map(([type, status, reason, message]) => ({
      type,
      status,
      lastTransitionTime: now,
      ...(reason ? { reason } : {}),
      ...(message ? { message } : {}),
    })),
  ];
}
