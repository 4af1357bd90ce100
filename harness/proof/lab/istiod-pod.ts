import { ADDRESSES } from './network.ts';
import type { Container, Pod } from './pod.ts';

const PORTS = [8080, 15010, 15012, 15014, 15017];

/** The arguments of the pod's container, with every port bound to the pod's own address. */
export function istiodArgs(pod: Pod, ip: string, kubeconfig: string): string[] {
  const own = (discovery(pod).args ?? []).filter((arg) => !arg.startsWith('--monitoringAddr'));
  return [
    ...own,
    ...['--kubeconfig', kubeconfig],
    ...['--httpAddr', `${ip}:8080`],
    ...['--httpsAddr', `${ip}:15017`],
    ...['--grpcAddr', `${ip}:15010`],
    ...['--secureGRPCAddr', `${ip}:15012`],
    ...['--monitoringAddr', `${ip}:15014`],
    ...['--ctrlz_address', ip],
  ];
}

/** The environment of the pod's container, without the chart's KUBECONFIG (it names an absent mount) and without resource fields. */
export function istiodEnv(pod: Pod, ip: string): Record<string, string> {
  const fields: Readonly<Record<string, string | undefined>> = {
    'metadata.name': pod.metadata.name,
    'metadata.namespace': pod.metadata.namespace,
    'spec.serviceAccountName': pod.spec.serviceAccountName,
    'spec.nodeName': pod.spec.nodeName,
    'status.podIP': ip,
    'status.hostIP': ADDRESSES.node,
  };
  const env: Record<string, string> = {};
  for (const { name, value, valueFrom } of discovery(pod).env ?? []) {
    if (name === 'KUBECONFIG') continue;
    const path = valueFrom?.fieldRef?.fieldPath;
    const resolved = valueFrom ? path && fields[path] : (value ?? '');
    if (resolved !== undefined) env[name] = resolved;
  }
  return env;
}

export function discovery({ spec, metadata }: Pod): Container {
  const [first] = spec.containers;
  if (!first) throw new Error(`pod ${metadata.namespace}/${metadata.name} has no container`);
  return spec.containers.find(({ name }) => name === 'discovery') ?? first;
}

export type IstiodState =
  | { is: 'running'; ready: boolean; since: string }
  | { is: 'waiting'; reason: 'ErrImagePull' | 'CrashLoopBackOff'; message: string };

/** The status a kubelet would write. */
export function istiodStatus(pod: Pod, ip: string, startTime: string, restartCount: number, state: IstiodState) {
  const { name, image } = discovery(pod);
  const ready = state.is === 'running' && state.ready;
  const now = new Date().toISOString();
  const unready = ready ? { reason: null, message: null } : notReady(name);
  const condition = (type: string, is: boolean, why: object) => ({
    type,
    status: is ? 'True' : 'False',
    lastTransitionTime: now,
    ...why,
  });
  return {
    phase: state.is === 'waiting' && state.reason === 'ErrImagePull' ? 'Pending' : 'Running',
    podIP: ip,
    podIPs: [{ ip }],
    hostIP: ADDRESSES.node,
    hostIPs: [{ ip: ADDRESSES.node }],
    startTime,
    conditions: [
      condition('Initialized', true, {}),
      condition('Ready', ready, unready),
      condition('ContainersReady', ready, unready),
    ],
    containerStatuses: [
      {
        name,
        image,
        imageID: '',
        ready,
        started: state.is === 'running',
        restartCount,
        state:
          state.is === 'running'
            ? { running: { startedAt: state.since } }
            : { waiting: { reason: state.reason, message: state.message } },
      },
    ],
  };
}

const notReady = (container: string) => ({
  reason: 'ContainersNotReady',
  message: `containers with unready status: [${container}]`,
});

/** Leads a port-forward of the API server through kwok to the process; istioctl asks istiod in this way. */
export function portForwardTo({ metadata }: Pod, address: string) {
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'PortForward',
    metadata: { name: metadata.name, namespace: metadata.namespace },
    spec: { forwards: PORTS.map((port) => ({ ports: [port], target: { address, port } })) },
  };
}
