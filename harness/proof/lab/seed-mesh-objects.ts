import { injectionLabel, type Release } from './hop.ts';
import { PROTOCOL_LABEL } from './mesh-proxy.ts';

/** What the seed mesh consists of, as Kubernetes objects. */

export interface WorkloadName {
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  namespace: string;
  name: string;
}

export const SEED_WORKLOADS: readonly WorkloadName[] = [
  { kind: 'Deployment', namespace: 'foo', name: 'foo' },
  { kind: 'Deployment', namespace: 'bar', name: 'bar' },
  { kind: 'Deployment', namespace: 'baz', name: 'baz' },
  { kind: 'StatefulSet', namespace: 'baz', name: 'db' },
  { kind: 'DaemonSet', namespace: 'baz', name: 'agent' },
  { kind: 'Deployment', namespace: 'istio-ingress', name: 'istio-ingressgateway' },
  { kind: 'Deployment', namespace: 'outside', name: 'legacy' },
];

/** Pods of the mesh that get a proxy: two of each, and the DaemonSet's on three nodes. */
export const SEED_PROXIES = 13;

/** One list for one `kubectl apply`; namespaces first, since it goes in order. */
export function seedMeshObjects(from: Release): object {
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      ...['foo', 'bar', 'baz', 'istio-ingress'].map((name) => namespace(name, injectionLabel(name, from))),
      // Uninvolved: whatever an upgrade does, it must not touch this one.
      namespace('outside', {}),
      ...prometheusObjects(),
      ...SEED_WORKLOADS.flatMap((workload) => [service(workload), object(workload)]),
    ],
  };
}

/**
 * The lab's Prometheus as a Service of the cluster, for `kubernetes://monitoring/prometheus:9090`. The pod is fake, but its
 * address is the lab's own like every one of 10/8; the API server's service proxy goes only to addresses of pods.
 */
function prometheusObjects(): object[] {
  const metadata = { name: 'prometheus', namespace: 'monitoring' };
  const labels = { app: 'prometheus' };
  const spec = { containers: [{ name: 'prometheus', image: 'example.org/prometheus:3.16' }] };
  return [
    namespace('monitoring', {}),
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports: [{ name: 'http', port: 9090 }] } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
  ];
}

const isGateway = ({ name }: WorkloadName) => name === 'istio-ingressgateway';

// As Istio's gateway injection wants it: no image of its own, and the template named.
const GATEWAY = {
  labels: { istio: 'ingressgateway', 'sidecar.istio.io/inject': 'true' },
  annotations: { 'inject.istio.io/templates': 'gateway' },
  container: { name: 'istio-proxy', image: 'auto' },
};

/** Its pods wait before they stop, as they should. */
const WAITING = { lifecycle: { preStop: { sleep: { seconds: 3 } } } };

const isGrpc = ({ name }: WorkloadName) => name === 'agent';

const selectorOf = (workload: WorkloadName) =>
  isGateway(workload) ? { istio: GATEWAY.labels.istio } : { app: workload.name };

function object(workload: WorkloadName): object {
  const { kind, name, namespace } = workload;
  const template = {
    metadata: isGateway(workload)
      ? { labels: GATEWAY.labels, annotations: GATEWAY.annotations }
      : { labels: { app: name, ...(isGrpc(workload) && { [PROTOCOL_LABEL]: 'grpc' }) } },
    spec: {
      containers: [
        isGateway(workload) ? GATEWAY.container : { name: 'app', image: `example.org/${name}:1`, ...WAITING },
      ],
    },
  };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: selectorOf(workload) },
      template,
      ...(kind !== 'DaemonSet' && { replicas: 2 }),
      ...(kind === 'StatefulSet' && { serviceName: name }),
    },
  };
}

function service(workload: WorkloadName): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: workload.name, namespace: workload.namespace },
    spec: { selector: selectorOf(workload), ports: [{ name: isGrpc(workload) ? 'grpc' : 'http', port: 8080 }] },
  };
}

function namespace(name: string, labels: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}
