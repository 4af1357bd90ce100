import { type Revision, revisionSuffix, versionOfImage } from '../../model/revision.ts';
import type { ControlPlane, World } from '../../model/world.ts';
import { Deployments, EndpointSlices, MutatingWebhooks, Services } from '../../ports/kinds.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import type { EndpointSlice, Service, WebhookConfiguration, WorkloadObject } from '../../ports/objects.ts';
import { ownerOf } from '../owner-of.ts';

export const revisionLabel = 'istio.io/rev';
export const tagLabel = 'istio.io/tag';

/** Every istiod of the Istio namespace, with the three objects that it needs to inject. */
export async function observeControlPlanes(cluster: Cluster, istioNamespace: string): Promise<World['controlPlanes']> {
  const [deployments, services, webhooks, endpoints] = await Promise.all([
    cluster.list<WorkloadObject>(Deployments),
    cluster.list<Service>(Services, { namespace: istioNamespace }),
    cluster.list<WebhookConfiguration>(MutatingWebhooks),
    readyEndpoints(cluster, istioNamespace),
  ]);
  const istiods = deployments.filter(
    ({ metadata }) => metadata.namespace === istioNamespace && metadata.labels?.['app'] === 'istiod',
  );
  const canonical = services.filter(
    ({ metadata }) => metadata.labels?.['app'] === 'istiod' && metadata.labels[tagLabel] === undefined,
  );
  const revisions = new Set<Revision>();
  for (const { metadata } of [...istiods, ...canonical]) revisions.add(metadata.labels?.[revisionLabel] ?? 'default');

  return new Map(
    [...revisions].map((revision): [Revision, ControlPlane] => {
      const deployment = istiods.find(({ metadata }) => (metadata.labels?.[revisionLabel] ?? 'default') === revision);
      const service = canonical.find(({ metadata }) => (metadata.labels?.[revisionLabel] ?? 'default') === revision);
      const injector = webhooks.find(
        ({ metadata }) =>
          metadata.name === `istio-sidecar-injector${revisionSuffix(revision)}` ||
          metadata.name === `istio-sidecar-injector${revisionSuffix(revision)}-${istioNamespace}`,
      );
      const image = deployment?.spec.template.spec.containers.find(({ name }) => name === 'discovery')?.image;
      return [
        revision,
        {
          revision,
          version: image === undefined ? undefined : versionOfImage(image),
          deployment: deployment && {
            name: deployment.metadata.name,
            desired: deployment.spec.replicas ?? 1,
            ready: observedReady(deployment),
            ...unavailableSince(deployment),
          },
          service: service && {
            name: service.metadata.name,
            readyEndpoints: endpoints.get(service.metadata.name) ?? 0,
          },
          injector: injector && {
            name: injector.metadata.name,
            hasCaBundle:
              (injector.webhooks ?? []).length > 0 &&
              (injector.webhooks ?? []).every(({ clientConfig }) => Boolean(clientConfig.caBundle)),
          },
          owner: deployment && ownerOf(deployment, Deployments.kind),
          injectorOwner: injector && ownerOf(injector, MutatingWebhooks.kind),
        },
      ];
    }),
  );
}

/** Ready replicas of the newest template only, so that an istiod being replaced does not count twice. */
function observedReady({ metadata, status = {} }: WorkloadObject): number {
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) return 0;
  return Math.min(status.updatedReplicas ?? 0, status.availableReplicas ?? 0);
}

function unavailableSince({ status = {} }: WorkloadObject): { unavailableSince?: number } {
  const available = (status.conditions ?? []).find(({ type }) => type === 'Available');
  if (available?.status !== 'False' || available.lastTransitionTime === undefined) return {};
  return { unavailableSince: Date.parse(available.lastTransitionTime) };
}

const counted = new WeakMap<readonly EndpointSlice[], ReadonlyMap<string, number>>();

/** Ready addresses by Service name. The same map as long as the mirror returns the same list. */
export async function readyEndpoints(cluster: Cluster, namespace: string): Promise<ReadonlyMap<string, number>> {
  const slices = await cluster.list<EndpointSlice>(EndpointSlices, { namespace });
  const counts = counted.get(slices) ?? countReady(slices);
  counted.set(slices, counts);
  return counts;
}

function countReady(slices: readonly EndpointSlice[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { metadata, endpoints } of slices) {
    const service = metadata.labels?.['kubernetes.io/service-name'];
    if (service === undefined) continue;
    const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).length;
    counts.set(service, (counts.get(service) ?? 0) + ready);
  }
  return counts;
}
