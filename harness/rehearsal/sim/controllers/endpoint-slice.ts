import { EndpointSlices, Pods, Services } from '../../../../src/ports/kinds.ts';
import type { EndpointSlice, Pod, Service } from '../../../../src/ports/objects.ts';
import { isSame } from '../api-server/json.ts';
import { keyOf } from '../api-server/store.ts';
import { type ControllerContext, type OnChange, splitKey } from './controller.ts';
import { controllerReference, isReady } from './pods.ts';
import { WorkQueue } from './work-queue.ts';

const ServiceLabel = 'kubernetes.io/service-name';
/** Slower than the others on purpose: between a pod's death and its endpoint's, callers are refused. */
const DelayMs = [5, 60] as const;

/** Keeps each Service's EndpointSlice at the pods its selector finds. */
export function endpointSliceController({ registry, clock, random }: ControllerContext): OnChange {
  const queue = new WorkQueue(clock, random, { delayMs: DelayMs }, (key) => {
    const { name, namespace } = splitKey(key);
    const service = registry.store.get<Service>(Services, name, namespace);
    if (!service?.spec?.selector) return;
    const { selector } = service.spec;
    const endpoints = registry.store
      .list<Pod>(Pods, namespace)
      .filter((pod) => pod.status?.podIP && Object.entries(selector).every(([k, v]) => pod.metadata.labels?.[k] === v))
      .map(endpointOf);
    const existing = registry.store.owned<EndpointSlice>(EndpointSlices, service.metadata.uid ?? '')[0];
    if (existing && isSame(existing.endpoints, endpoints)) return;
    if (existing) {
      registry.edit<EndpointSlice>(EndpointSlices, existing.metadata, (slice) => ({ ...slice, endpoints }));
      return;
    }
    registry.create(EndpointSlices, {
      metadata: {
        generateName: `${name}-`,
        name: '',
        namespace,
        labels: { [ServiceLabel]: name, 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' },
        ownerReferences: [controllerReference(service)],
      },
      addressType: 'IPv4',
      endpoints,
      ports: service.spec.ports ?? [],
    } as EndpointSlice);
  });

  return ({ kind, object, previous, type }) => {
    const { name, namespace } = object.metadata;
    if (kind.plural === Services.plural && type !== 'DELETED') queue.add(keyOf(name, namespace));
    if (kind.plural !== Pods.plural || !concernsEndpoints(object as Pod, previous as Pod | undefined, type)) return;
    for (const { metadata, spec } of registry.store.list<Service>(Services, namespace)) {
      const selector = Object.entries(spec?.selector ?? {});
      if (selector.length > 0 && selector.every(([k, v]) => object.metadata.labels?.[k] === v)) {
        queue.add(keyOf(metadata.name, metadata.namespace));
      }
    }
  };
}

function concernsEndpoints(pod: Pod, previous: Pod | undefined, type: string): boolean {
  return type === 'DELETED' || !previous || !isSame(endpointOf(pod), endpointOf(previous));
}

function endpointOf(pod: Pod) {
  const isTerminating = pod.metadata.deletionTimestamp !== undefined;
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: { ready: isReady(pod) && !isTerminating, serving: isReady(pod), terminating: isTerminating },
    nodeName: pod.spec.nodeName,
    targetRef: { kind: 'Pod', name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid },
  };
}
