import type { KubernetesObject } from '../../../src/model/kubernetes-object.ts';
import type { WorkloadKind } from '../../../src/model/workload-kind.ts';
import { Namespaces, Nodes, Services } from '../../../src/ports/kinds.ts';
import type { Kind } from '../../../src/ports/kubernetes.ts';
import type { Namespace, PodTemplate, WorkloadObject } from '../../../src/ports/objects.ts';
import { definitionOf } from '../../../src/workloads/workloads.ts';
import type { Registry } from './api-server/registry.ts';
import { installArgoRollouts } from './controllers/argo-rollout.ts';

const Manager = 'kubectl-client-side-apply';
const AppImage = 'registry.example/app:1';

/** Of the container of an app whose pods wait before they stop. */
export const waiting = { lifecycle: { preStop: { sleep: { seconds: 3 } } } };

export interface SeedWorkload {
  kind?: WorkloadKind;
  name: string;
  replicas?: number;
  /** Whether its pods wait before they stop, as they should; true if left out. */
  waits?: boolean;
  /** Of its Service; 80 if left out. */
  port?: number;
  /** Over the ordinary template. */
  template?: Partial<PodTemplate>;
  /** Over the ordinary spec, for example `{ paused: true }`. */
  spec?: object;
}

export interface SeedNamespace {
  name: string;
  labels?: Record<string, string>;
  workloads?: readonly SeedWorkload[];
}

/** Every application namespace and the gateway's follow the tag `default`, as in the article. */
const FollowsDefault = { 'istio.io/rev': 'default' };

/** The mesh of the article, with more kinds of workloads in `baz` and a namespace that has nothing to do with it. */
export const SeedNamespaces: readonly SeedNamespace[] = [
  { name: 'foo', labels: FollowsDefault, workloads: [{ name: 'foo', replicas: 2 }] },
  { name: 'bar', labels: FollowsDefault, workloads: [{ name: 'bar', replicas: 2 }] },
  {
    name: 'baz',
    labels: FollowsDefault,
    workloads: [
      { name: 'baz', replicas: 2 },
      { kind: 'StatefulSet', name: 'db', replicas: 2 },
      { kind: 'DaemonSet', name: 'agent' },
    ],
  },
  { name: 'istio-ingress', labels: FollowsDefault, workloads: [injectedGateway('istio-ingressgateway')] },
  { name: 'outside', workloads: [{ name: 'outside', replicas: 2 }] },
  { name: 'monitoring', workloads: [{ name: 'prometheus', port: 9090 }] },
];

/** A gateway that istiod injects: its only container says `image: auto`. */
export function injectedGateway(name: string, replicas = 2): SeedWorkload {
  const labels = { istio: 'ingressgateway' };
  return {
    name,
    replicas,
    spec: { selector: { matchLabels: labels } },
    template: {
      metadata: {
        annotations: { 'inject.istio.io/templates': 'gateway' },
        labels: { ...labels, 'sidecar.istio.io/inject': 'true' },
      },
      spec: { containers: [{ name: 'istio-proxy', image: 'auto' }] },
    },
  };
}

export const isInjectedGateway = ({ template }: SeedWorkload): boolean =>
  template?.metadata?.annotations?.['inject.istio.io/templates'] === 'gateway';

export function seedCluster(registry: Registry, kubernetesVersion: string): void {
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    registry.create(Namespaces, { metadata: { name } }, { manager: 'kube-apiserver' });
  }
  for (const name of ['node-1', 'node-2', 'node-3']) {
    registry.create(
      Nodes,
      {
        metadata: { name, labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': name } },
        status: {
          // The simulator does not check whether pods fit; there is room for the largest mesh that is rehearsed.
          allocatable: { cpu: '2000', memory: '4000Gi', pods: '20000' },
          capacity: { cpu: '2000', memory: '4000Gi', pods: '20000' },
          nodeInfo: { kubeletVersion: `v${kubernetesVersion}` },
          conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
        },
      } as Namespace,
      { manager: 'kubelet' },
    );
  }
}

export function seedNamespace(registry: Registry, { name, labels = {}, workloads = [] }: SeedNamespace): void {
  registry.create(Namespaces, { metadata: { name, labels: { ...labels } } }, { manager: Manager });
  for (const workload of workloads) seedWorkload(registry, name, workload);
}

/** Creates a workload and a Service in front of it. */
export function seedWorkload(registry: Registry, namespace: string, seed: SeedWorkload): void {
  if (seed.kind === 'Rollout') installArgoRollouts(registry);
  for (const { resource, object } of seedObjects(namespace, seed))
    registry.create(resource, object, { manager: Manager });
}

/** A workload and the Service in front of it. */
export function seedObjects(
  namespace: string,
  seed: SeedWorkload,
): readonly { resource: Kind; object: KubernetesObject }[] {
  const { kind = 'Deployment', name, replicas = 1, port = 80, waits = true, spec = {} } = seed;
  const { resource, hasReplicas } = definitionOf(kind);
  const labels = seed.template?.metadata?.labels ?? { app: name };
  const object = {
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      ...(hasReplicas ? { replicas } : {}),
      ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
      ...(kind === 'Rollout' ? { strategy: { canary: {} } } : {}),
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { ...seed.template?.metadata, labels },
        spec: { containers: [{ name: 'app', image: AppImage, ...(waits && waiting) }], ...seed.template?.spec },
      },
      ...spec,
    },
  } as WorkloadObject;
  const service = {
    metadata: { name, namespace, labels: { app: name } },
    spec: { selector: object.spec.selector?.matchLabels ?? {}, ports: [{ name: 'http', port }] },
  } as Namespace;
  return [
    { resource, object },
    { resource: Services, object: service },
  ];
}
