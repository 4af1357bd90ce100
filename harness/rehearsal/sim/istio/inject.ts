import type { Container, Pod, PodSpec } from '../../../../src/ports/objects.ts';
import { matchesSelector } from '../api-server/selectors.ts';
import type { InjectorSettings } from './injector-settings.ts';
import { IstioNamespace, istiodName } from './names.ts';

/** Never injected, whatever the selectors say. */
const IgnoredNamespaces: ReadonlySet<string> = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'local-path-storage',
]);
const Wish = 'sidecar.istio.io/inject';
const Volumes = [
  'workload-socket',
  'credential-socket',
  'workload-certs',
  'istio-envoy',
  'istio-data',
  'istio-podinfo',
  'istio-token',
  'istiod-ca-cert',
];

export interface Injector {
  revision: string;
  version: string;
  /** What its ConfigMap says. */
  settings: InjectorSettings;
}

/** What istiod answers to a pod that reached its webhook: the pod with a proxy, or as it was. */
export function inject(pod: Pod, namespace: string, { revision, version, settings }: Injector): Pod {
  const { annotations = {}, labels = {} } = pod.metadata;
  // The label is the newer way to say it, and wins.
  const wish = labels[Wish] ?? annotations[Wish];
  if (pod.spec.hostNetwork || IgnoredNamespaces.has(namespace) || wish === 'false') return pod;
  if (wish === undefined && settings.neverInject.some((selector) => matchesSelector(selector, labels))) return pod;
  const isGateway = annotations['inject.istio.io/templates'] === 'gateway';
  const isNative = !isGateway && annotations['sidecar.istio.io/nativeSidecar'] !== 'false';
  const image = annotations['sidecar.istio.io/proxyImage'] ?? `docker.io/istio/proxyv2:${version}`;
  const proxy = proxyContainer(pod, namespace, revision, image, isGateway ? undefined : settings.requests);
  const spec = isGateway
    ? withProxy(pod.spec, proxy)
    : withSidecar(pod.spec, proxy, firstContainer(image, settings), isNative);
  const name = labels['app'] ?? workloadOf(pod);
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      annotations: {
        ...annotations,
        'istio.io/rev': revision,
        'prometheus.io/path': '/stats/prometheus',
        'prometheus.io/port': '15020',
        'prometheus.io/scrape': 'true',
        'sidecar.istio.io/status': status(revision, isGateway, isNative, firstContainer(image, settings).name),
      },
      labels: {
        'service.istio.io/canonical-name': name,
        'service.istio.io/canonical-revision': 'latest',
        ...(isGateway ? {} : { 'security.istio.io/tlsMode': 'istio' }),
        ...labels,
      },
    },
    spec,
  };
}

/** The gateway template fills in the container that is there; `image: auto` waits for just that. */
function withProxy(spec: PodSpec, proxy: Container): PodSpec {
  const own = spec.containers.find(({ name }) => name === 'istio-proxy');
  const others = spec.containers.filter(({ name }) => name !== 'istio-proxy');
  const image = own?.image && own.image !== 'auto' ? own.image : (proxy.image ?? '');
  return { ...spec, containers: [...others, { ...proxy, ...own, image, ...(proxy.env ? { env: proxy.env } : {}) }] };
}

/** Redirects the traffic of the pod, for which it needs capabilities; or checks that istio-cni has done so. */
function firstContainer(image: string, { cni }: InjectorSettings): Container {
  return cni
    ? { name: 'istio-validation', image }
    : { name: 'istio-init', image, securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } } };
}

const Ours: ReadonlySet<string> = new Set(['istio-init', 'istio-validation', 'istio-proxy']);

function withSidecar(spec: PodSpec, proxy: Container, init: Container, isNative: boolean): PodSpec {
  // A pod that two webhooks select is injected twice; the later one replaces what the earlier one brought.
  const containers = spec.containers.filter(({ name }) => name !== 'istio-proxy');
  const before = (spec.initContainers ?? []).filter(({ name }) => !Ours.has(name));
  return isNative
    ? { ...spec, containers, initContainers: [init, { ...proxy, restartPolicy: 'Always' }, ...before] }
    : { ...spec, containers: [...containers, proxy], initContainers: [init, ...before] };
}

/** @param requests of a sidecar; a gateway brings its own */
function proxyContainer(
  pod: Pod,
  namespace: string,
  revision: string,
  image: string,
  requests: Record<string, string> | undefined,
): Container {
  const address = `${istiodName(revision)}.${IstioNamespace}.svc:15012`;
  return {
    name: 'istio-proxy',
    image,
    env: [
      { name: 'PILOT_CERT_PROVIDER', value: 'istiod' },
      { name: 'CA_ADDR', value: address },
      { name: 'PROXY_CONFIG', value: `${JSON.stringify({ discoveryAddress: address })}\n` },
      {
        name: 'ISTIO_META_APP_CONTAINERS',
        value: requests === undefined ? '' : pod.spec.containers.map(({ name }) => name).join(','),
      },
      { name: 'ISTIO_META_CLUSTER_ID', value: 'Kubernetes' },
      { name: 'ISTIO_META_WORKLOAD_NAME', value: workloadOf(pod) },
      { name: 'ISTIO_META_MESH_ID', value: 'cluster.local' },
      { name: 'POD_NAMESPACE', value: namespace },
    ],
    ...(requests && { resources: { requests: { ...requests } } }),
  };
}

function status(revision: string, isGateway: boolean, isNative: boolean, init: string): string {
  return JSON.stringify({
    initContainers: isGateway ? null : isNative ? [init, 'istio-proxy'] : [init],
    containers: isGateway || !isNative ? ['istio-proxy'] : null,
    volumes: Volumes,
    imagePullSecrets: null,
    revision,
  });
}

/** The Deployment behind a ReplicaSet, or the owner itself. */
export function workloadOf({ metadata }: Pod): string {
  const owner = metadata.ownerReferences?.[0];
  if (!owner) return metadata.name;
  return owner.kind === 'ReplicaSet' ? owner.name.slice(0, owner.name.lastIndexOf('-')) : owner.name;
}
