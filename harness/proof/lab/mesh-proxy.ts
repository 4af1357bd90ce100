import type { ProxyNode } from './discovery.ts';
import { imageTag, isReady, type Pod, workloadOf } from './pod.ts';

/** An injected pod that runs: what the data plane plays. */
export interface MeshProxy {
  uid: string;
  name: string;
  namespace: string;
  ip: string;
  workload: string;
  kind: 'sidecar' | 'router';
  /** The istiod that injected it, as the pod's annotation says. */
  revision: string;
  /** Of the proxy's image. */
  version: string;
  protocol: 'http' | 'grpc';
  isReady: boolean;
  labels: Readonly<Record<string, string>>;
}

/** Pods with this label `grpc` serve gRPC, all others HTTP. */
export const PROTOCOL_LABEL = 'lab/protocol';

/** @returns undefined for a pod without a proxy, or one that does not run (yet, or any more) */
export function proxyOf(pod: Pod): MeshProxy | undefined {
  const { metadata, spec, status } = pod;
  const revision = metadata.annotations?.['istio.io/rev'];
  const container = [...(spec.initContainers ?? []), ...spec.containers].find(({ name }) => name === 'istio-proxy');
  if (revision === undefined || container === undefined) return undefined;
  if (status?.phase !== 'Running' || status.podIP === undefined || metadata.deletionTimestamp !== undefined)
    return undefined;
  return {
    uid: metadata.uid,
    name: metadata.name,
    namespace: metadata.namespace,
    ip: status.podIP,
    workload: workloadOf(pod),
    kind: container.args?.includes('router') ? 'router' : 'sidecar',
    revision,
    version: imageTag(container.image),
    protocol: metadata.labels?.[PROTOCOL_LABEL] === 'grpc' ? 'grpc' : 'http',
    isReady: isReady(pod),
    labels: metadata.labels ?? {},
  };
}

/** How the proxy introduces itself to istiod. */
export function nodeOf({ kind, ip, name, namespace, workload, revision, version, labels }: MeshProxy): ProxyNode {
  return {
    id: `${kind}~${ip}~${name}.${namespace}~${namespace}.svc.cluster.local`,
    metadata: {
      NAME: name,
      NAMESPACE: namespace,
      ISTIO_VERSION: version,
      CLUSTER_ID: 'Kubernetes',
      INSTANCE_IPS: ip,
      WORKLOAD_NAME: workload,
      LABELS: labels,
      // istiod's `/debug/syncz` hides a proxy without it.
      PROXY_CONFIG: { discoveryAddress: `istiod-${revision}.istio-system.svc:15012` },
    },
  };
}
