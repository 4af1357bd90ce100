import { scriptsIn } from '../kind/manifests.ts';
import type { OnTerm, Variant } from './variants.ts';

/** Servers, gateways and their clients, as Kubernetes objects. */

export const NAMESPACE = 'restarts';
/** Without injection: clients of the gateways. */
const OUTSIDE = 'outside';
/** Behind the gateways; never restarted. */
const STEADY = 'steady';

/** As in manifests/calls.yaml and workloads.yaml, so that no other images are needed. */
const FORTIO = 'docker.io/fortio/fortio:1.68.0';
const NODE = 'docker.io/library/node:24.21.0-alpine';

/** Where clients write each request, on the node. */
export const CALLS = '/var/log/rehearsal-calls';

/** What all variants share. Namespaces come first. */
export const commonObjects = (): readonly object[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels: { 'istio.io/rev': 'default' } } },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: OUTSIDE } },
  scriptsIn(NAMESPACE),
  ...serverOf({ name: STEADY, onTerm: 'exits at once', native: true }),
];

/** A server or gateway, and what leads to it. */
export const objectsOf = (variant: Variant): readonly object[] =>
  variant.onTerm === 'gateway' ? gatewayOf(variant) : serverOf(variant);

const serverOf = (variant: Variant): readonly object[] => [
  deployment(variant, {}, {}, [{ ...serverContainer(variant.onTerm), lifecycle: lifecycleOf(variant) }]),
  service(variant.name, 8080),
];

/** Ten milliseconds for an answer, so that some requests are open at every moment. */
function serverContainer(onTerm: OnTerm): object {
  const common = {
    name: 'app',
    ports: [{ containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
    resources: { requests: { cpu: '10m', memory: '32Mi' } },
  };
  // It has no handler of SIGTERM that waits for requests.
  if (onTerm === 'exits at once')
    return {
      ...common,
      image: FORTIO,
      args: [
        ...['server', '-http-port', '8080', '-grpc-port', 'disabled', '-tcp-port', 'disabled', '-udp-port', 'disabled'],
        ...['-redirect-port', 'disabled', '-config-dir', ''],
      ],
    };
  return {
    ...common,
    image: NODE,
    command: ['node', '/scripts/app.mjs'],
    env: [
      { name: 'ANSWER_MS', value: '10' },
      { name: 'DRAIN_MS', value: onTerm === 'serves 3 s longer' ? '3000' : '0' },
    ],
    volumeMounts: [{ name: 'scripts', mountPath: '/scripts' }],
  };
}

function gatewayOf(variant: Variant): readonly object[] {
  const { name } = variant;
  const labels = { 'sidecar.istio.io/inject': 'true' };
  const annotations = { 'inject.istio.io/templates': 'gateway' };
  const networking = { apiVersion: 'networking.istio.io/v1', metadata: { name, namespace: NAMESPACE } };
  const port = { number: 8080, name: 'http', protocol: 'HTTP' };
  const container = {
    name: 'istio-proxy',
    image: 'auto',
    // Without a tag Kubernetes would always pull, and the node has the image.
    imagePullPolicy: 'IfNotPresent',
    lifecycle: lifecycleOf(variant),
  };
  return [
    deployment(variant, labels, annotations, [container]),
    service(name, 8080),
    { ...networking, kind: 'Gateway', spec: { selector: { app: name }, servers: [{ port, hosts: ['*'] }] } },
    {
      ...networking,
      kind: 'VirtualService',
      spec: { hosts: ['*'], gateways: [name], http: [{ route: [{ destination: { host: STEADY } }] }] },
    },
  ];
}

const lifecycleOf = ({ preStop }: Variant): object | undefined =>
  preStop === undefined ? undefined : { preStop: { sleep: { seconds: preStop } } };

function deployment(
  { name, native, proxy, onTerm }: Variant,
  labels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>>,
  containers: readonly object[],
): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      replicas: 2,
      // Every new pod at once, so that a restart takes as long as one pod.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } },
      selector: { matchLabels: { app: name } },
      template: {
        metadata: {
          labels: { app: name, ...labels },
          annotations: {
            ...annotations,
            ...(proxy && { 'proxy.istio.io/config': JSON.stringify(proxy) }),
            ...(onTerm !== 'gateway' && !native && { 'sidecar.istio.io/nativeSidecar': 'false' }),
          },
        },
        spec: { containers, volumes: [{ name: 'scripts', configMap: { name: 'scripts' } }] },
      },
    },
  };
}

const service = (name: string, targetPort: number): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: NAMESPACE },
  spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort }] },
});

export interface Client {
  namespace: string;
  name: string;
}

/** A gateway is called from outside of the mesh, by a new connection for each request. */
export const clientOf = ({ name, onTerm }: Variant): Client => ({
  namespace: onTerm === 'gateway' ? OUTSIDE : NAMESPACE,
  name: `client-${name}`,
});

/** A pod that calls the server until it is deleted, and writes each request down. */
export function clientObject(variant: Variant, perSecond: number): object {
  const isOutside = variant.onTerm === 'gateway';
  const client = clientOf(variant);
  const load = ['load', '-quiet', '-allow-initial-errors', '-t', '0', '-qps', String(perSecond), '-c', '4'];
  const log = ['-access-log-file', `/calls/${variant.name}.jsonl`];
  const url = `http://${variant.name}.${NAMESPACE}/?delay=10ms`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: client,
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'fortio',
          image: FORTIO,
          args: [...load, ...(isOutside ? ['-keepalive=false'] : []), ...log, url],
          securityContext: { runAsUser: 0 },
          resources: { requests: { cpu: '10m', memory: '32Mi' } },
          volumeMounts: [{ name: 'calls', mountPath: '/calls' }],
        },
      ],
      volumes: [{ name: 'calls', hostPath: { path: CALLS, type: 'DirectoryOrCreate' } }],
    },
  };
}
