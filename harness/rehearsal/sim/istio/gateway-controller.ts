import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import {
  CustomResourceDefinitions,
  Deployments,
  GatewayApiGateways,
  MutatingWebhooks,
  Services,
} from '../../../../src/ports/kinds.ts';
import type { Registry } from '../api-server/registry.ts';
import type { CustomResourceDefinition } from '../api-server/resources.ts';
import type { Change } from '../api-server/store.ts';
import type { ControllerContext } from '../controllers/controller.ts';
import { controllerReference } from '../controllers/pods.ts';
import { WorkQueue } from '../controllers/work-queue.ts';
import { applyManifest } from './apply.ts';
import { type Istiods, versionOf } from './istiods.ts';
import { RevisionLabel, tagWebhookName } from './names.ts';

/** 48-gateway-api: the new image stands in the Deployment 394 ms after the start of `tag set`. */
const DelayMs = [100, 220] as const;
const Classes: ReadonlySet<string> = new Set(['istio', 'istio-waypoint']);

interface Gateway extends KubernetesObject {
  spec?: { gatewayClassName?: string; listeners?: { port: number }[] };
}

/** Makes Deployments of Gateway API gateways: by the revision in their label, else by that of the default tag, at once. */
export function startGatewayController({ registry, clock, random }: ControllerContext, istiods: Istiods): void {
  const { store } = registry;
  const queue = new WorkQueue(clock, random, { delayMs: DelayMs }, () => {
    for (const gateway of store.list<Gateway>(GatewayApiGateways)) {
      if (!Classes.has(gateway.spec?.gatewayClassName ?? '') || gateway.metadata.deletionTimestamp) continue;
      const revision = revisionFor(registry, gateway);
      const [istiod] = istiods.running(revision);
      if (istiod)
        applyManifest(
          registry,
          [deploymentOf(gateway, revision, versionOf(istiod)), serviceOf(gateway)],
          'istio.io/gateway-controller',
        );
    }
  });
  registry.store.onChange((change) => {
    if (isServed(registry) && concernsGateways(change)) queue.add('all');
  });
}

/** The definitions of `sigs.k8s.io/gateway-api` that matter here. */
export function installGatewayApi(registry: Registry): void {
  registry.create<CustomResourceDefinition>(
    CustomResourceDefinitions,
    {
      metadata: { name: 'gateways.gateway.networking.k8s.io' },
      spec: {
        group: 'gateway.networking.k8s.io',
        scope: 'Namespaced',
        names: { plural: 'gateways', kind: 'Gateway', singular: 'gateway' },
        versions: [
          { name: 'v1', served: true, storage: true, subresources: { status: {} } },
          { name: 'v1beta1', served: true, storage: false, subresources: { status: {} } },
        ],
      },
    },
    { manager: 'kubectl' },
  );
}

function isServed({ catalog }: Registry): boolean {
  return catalog.find('gateway.networking.k8s.io', 'v1', 'gateways') !== undefined;
}

function concernsGateways({ kind, object }: Change): boolean {
  if (kind.plural === GatewayApiGateways.plural) return kind.apiVersion === GatewayApiGateways.apiVersion;
  if (kind.plural === 'pods') return object.metadata.labels?.['app'] === 'istiod';
  return kind.plural === MutatingWebhooks.plural && object.metadata.name === tagWebhookName('default');
}

/** A label may name a revision or a tag. */
function revisionFor({ store }: Registry, { metadata }: Gateway): string {
  const label = metadata.labels?.[RevisionLabel] ?? 'default';
  return store.get(MutatingWebhooks, tagWebhookName(label))?.metadata.labels?.[RevisionLabel] ?? label;
}

function deploymentOf(gateway: Gateway, revision: string, version: string) {
  const { name: gatewayName, namespace = '' } = gateway.metadata;
  const name = nameFor(gateway);
  const labels = { 'gateway.networking.k8s.io/gateway-name': gatewayName };
  return {
    kind: Deployments,
    object: {
      metadata: {
        name,
        namespace,
        // Those of the Gateway go along: one that follows the tag names no revision here either.
        labels: { ...gateway.metadata.labels, ...labels },
        ownerReferences: [controllerReference(gateway)],
      },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: {
            annotations: { 'istio.io/rev': revision },
            labels: { ...labels, 'sidecar.istio.io/inject': 'false' },
          },
          spec: {
            containers: [{ name: 'istio-proxy', image: `docker.io/istio/proxyv2:${version}` }],
            serviceAccountName: name,
          },
        },
      },
    } as KubernetesObject,
  };
}

function serviceOf(gateway: Gateway) {
  const { name: gatewayName, namespace = '' } = gateway.metadata;
  const ports = (gateway.spec?.listeners ?? [{ port: 80 }]).map(({ port }) => ({ name: `tcp-${port}`, port }));
  return {
    kind: Services,
    object: {
      metadata: { name: nameFor(gateway), namespace, ownerReferences: [controllerReference(gateway)] },
      spec: { selector: { 'gateway.networking.k8s.io/gateway-name': gatewayName }, ports },
    } as KubernetesObject,
  };
}

/** A waypoint's Deployment has the Gateway's name, an ingress' one the class behind it. */
function nameFor({ metadata, spec }: Gateway): string {
  return spec?.gatewayClassName === 'istio' ? `${metadata.name}-istio` : metadata.name;
}
