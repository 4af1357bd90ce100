import type { KubernetesObject } from '../../../src/model/kubernetes-object.ts';
import type { Pod, Service, WebhookConfiguration } from '../../../src/ports/objects.ts';
import type { Backend } from '../model/backend.ts';
import { seenPod, tagOf } from './seen.ts';

/** Lists objects as `kubectl get KINDS WHERE --output json` gives them. */
export type ListObjects = <T extends KubernetesObject>(kinds: string, ...where: string[]) => Promise<T[]>;

type Looks = Pick<Backend, 'pods' | 'workloads' | 'tag' | 'controlPlanes' | 'snapshot'>;

/**
 * What a rehearsal looks at in a real cluster.
 * @param isOfMesh says of a namespace whether its workloads are the rehearsal's; the others are the cluster's own
 */
export function clusterLooks(list: ListObjects, isOfMesh: (namespace: string) => boolean): Looks {
  return {
    pods: async () =>
      (await list<Pod>('pods', '--all-namespaces'))
        .filter((pod) => pod.metadata.deletionTimestamp === undefined)
        .map(seenPod),
    workloads: async () =>
      (await list('deployments,statefulsets,daemonsets', '--all-namespaces'))
        .filter(({ metadata }) => isOfMesh(metadata.namespace ?? ''))
        .map(({ kind, metadata }) => ({
          id: `${kind} ${metadata.namespace}/${metadata.name}`,
          namespace: metadata.namespace ?? '',
          generation: metadata.generation ?? 0,
        })),
    tag: async () =>
      tagOf(
        await list<WebhookConfiguration>('mutatingwebhookconfigurations'),
        await list<WebhookConfiguration>('validatingwebhookconfigurations'),
        await list<Service>('services', '--namespace', 'istio-system'),
      ),
    controlPlanes: async () => [
      ...(await list('deployments', '--namespace', 'istio-system')).map(
        ({ metadata }) => `Deployment ${metadata.name}`,
      ),
      ...(await list('services', '--namespace', 'istio-system'))
        .filter(({ metadata }) => !metadata.name.startsWith('istiod-revision-tag'))
        .map(({ metadata }) => `Service ${metadata.name}`),
      ...(await list('mutatingwebhookconfigurations'))
        .filter(({ metadata }) => metadata.name.startsWith('istio-sidecar-injector'))
        .map(({ metadata }) => `webhook ${metadata.name}`),
    ],
    snapshot: async (namespace) => {
      const objects = await list('deployments,replicasets,pods,services,configmaps', '--namespace', namespace);
      // The root certificate's ConfigMap is istiod's, and its writer changes with the leader.
      const stable = objects.filter(({ metadata }) => metadata.name !== 'istio-ca-root-cert');
      const self = await list('namespaces', `--field-selector=metadata.name=${namespace}`);
      return JSON.stringify([...self, ...stable].map(withoutStatus), null, 1);
    },
  };
}

/** What a person or a program wrote. A probe that fails once changes the status of its pod, and with it these fields. */
function withoutStatus(object: KubernetesObject & { status?: unknown }): object {
  const { status: _status, metadata, ...rest } = object;
  const {
    resourceVersion: _version,
    managedFields: _fields,
    ...written
  } = metadata as typeof metadata & {
    managedFields?: unknown;
  };
  return { ...rest, metadata: written };
}
