import { revisionOfService } from '../../model/revision.ts';
import type { AdmissionWebhook, TagObject, World } from '../../model/world.ts';
import { MutatingWebhooks, Services, ValidatingWebhooks } from '../../ports/kinds.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import type { Service, Webhook, WebhookConfiguration } from '../../ports/objects.ts';
import { ownerOf } from '../owner-of.ts';
import { readyEndpoints, revisionLabel, tagLabel } from './control-planes.ts';
import { managersOf } from './managers.ts';

type Configured = { kind: AdmissionWebhook['kind']; configuration: WebhookConfiguration };

interface Inputs {
  mutating: readonly WebhookConfiguration[];
  validating: readonly WebhookConfiguration[];
  services: readonly Service[];
  endpoints: ReadonlyMap<string, number>;
  istioNamespace: string;
}

const known = new WeakMap<Inputs['mutating'], { inputs: Inputs; webhooks: World['webhooks'] }>();

/**
 * Every webhook whose Service belongs to istiod, or that carries Istio's labels. The same array as long as the mirror returns
 * the same lists, so that code that goes through every workload can see that nothing has changed.
 */
export async function observeWebhooks(cluster: Cluster, istioNamespace: string): Promise<World['webhooks']> {
  const [mutating, validating, services, endpoints] = await Promise.all([
    cluster.list<WebhookConfiguration>(MutatingWebhooks),
    cluster.list<WebhookConfiguration>(ValidatingWebhooks),
    cluster.list<Service>(Services, { namespace: istioNamespace }),
    readyEndpoints(cluster, istioNamespace),
  ]);
  const inputs: Inputs = { mutating, validating, services, endpoints, istioNamespace };
  const before = known.get(mutating);
  if (before !== undefined && isSame(before.inputs, inputs)) return before.webhooks;
  const webhooks = webhooksOf(inputs);
  known.set(mutating, { inputs, webhooks });
  return webhooks;
}

const isSame = (one: Inputs, other: Inputs): boolean =>
  one.validating === other.validating &&
  one.services === other.services &&
  one.endpoints === other.endpoints &&
  one.istioNamespace === other.istioNamespace;

function webhooksOf({ mutating, validating, services, endpoints, istioNamespace }: Inputs): World['webhooks'] {
  const all: Configured[] = [
    ...mutating.map((configuration): Configured => ({ kind: 'MutatingWebhookConfiguration', configuration })),
    ...validating.map((configuration): Configured => ({ kind: 'ValidatingWebhookConfiguration', configuration })),
  ];
  const names = new Set(services.map(({ metadata }) => metadata.name));
  return all.flatMap(({ kind, configuration }) =>
    (configuration.webhooks ?? [])
      .filter((webhook) => isIstio(webhook, istioNamespace))
      .map((webhook) => admissionWebhook(kind, configuration, webhook, names, endpoints, istioNamespace)),
  );
}

/** By what it calls, not by its labels: a copy of the tag's webhook that another tool made injects in the same way. */
function isIstio({ name, clientConfig }: Webhook, istioNamespace: string): boolean {
  const { service } = clientConfig;
  const ours =
    service !== undefined && service.namespace === istioNamespace && revisionOfService(service.name) !== undefined;
  return ours || name.endsWith('.istio.io');
}

function admissionWebhook(
  kind: AdmissionWebhook['kind'],
  { metadata }: WebhookConfiguration,
  { name, clientConfig, namespaceSelector, objectSelector, failurePolicy }: Webhook,
  services: ReadonlySet<string>,
  endpoints: ReadonlyMap<string, number>,
  istioNamespace: string,
): AdmissionWebhook {
  const service = clientConfig.service;
  return {
    configuration: metadata.name,
    kind,
    name,
    tag: metadata.labels?.[tagLabel],
    service: service && {
      namespace: service.namespace,
      name: service.name,
      // Services of other namespaces are outside what this tool judges.
      exists: service.namespace !== istioNamespace || services.has(service.name),
      readyEndpoints: service.namespace !== istioNamespace ? 1 : (endpoints.get(service.name) ?? 0),
    },
    revision: service === undefined ? undefined : revisionOfService(service.name),
    failurePolicy: failurePolicy ?? 'Fail',
    hasCaBundle: Boolean(clientConfig.caBundle),
    namespaceSelector,
    objectSelector,
    injects: kind === 'MutatingWebhookConfiguration',
  };
}

/** The objects of every revision tag: webhook, Service (since istio/istio#56963), and the validator of tag `default`. */
export async function observeTags(cluster: Cluster, istioNamespace: string): Promise<World['tags']> {
  const [mutating, validating, services] = await Promise.all([
    cluster.list<WebhookConfiguration>(MutatingWebhooks),
    cluster.list<WebhookConfiguration>(ValidatingWebhooks),
    cluster.list<Service>(Services, { namespace: istioNamespace }),
  ]);
  const tags = new Map<string, TagObject[]>();
  const add = (tag: string | undefined, object: TagObject) => {
    if (tag !== undefined) tags.set(tag, [...(tags.get(tag) ?? []), object]);
  };
  const serves = (name: string) => services.find(({ metadata }) => metadata.name === name);
  for (const object of mutating) add(object.metadata.labels?.[tagLabel], webhookObject('webhook', object, serves));
  for (const object of services) add(object.metadata.labels?.[tagLabel], serviceObject(object));
  for (const object of validating)
    if (object.metadata.name === 'istiod-default-validator') add('default', webhookObject('validator', object, serves));
  return tags;
}

function webhookObject(
  kind: TagObject['kind'],
  object: WebhookConfiguration,
  serves: (name: string) => Service | undefined,
): TagObject {
  const called = (object.webhooks ?? []).map(({ clientConfig }) => {
    const name = clientConfig.service?.name;
    if (name === undefined) return undefined;
    // Since 1.28 a webhook may call the tag's own Service; what counts is the istiod behind it.
    return revisionOfService(name) ?? serves(name)?.spec?.selector?.[revisionLabel];
  });
  // The labels of the validator depend on the tool that installed it; only the Service that it calls counts.
  const labelled = kind === 'webhook' ? [object.metadata.labels?.[revisionLabel]] : [];
  return {
    kind,
    name: object.metadata.name,
    revision: agreed([...called, ...labelled]),
    managers: managersOf(object),
    owner: ownerOf(object, kind === 'webhook' ? MutatingWebhooks.kind : ValidatingWebhooks.kind),
    object,
  };
}

function serviceObject(object: Service): TagObject {
  const revision = agreed([object.spec?.selector?.[revisionLabel], object.metadata.labels?.[revisionLabel]]);
  return {
    kind: 'Service',
    name: object.metadata.name,
    revision,
    managers: managersOf(object),
    owner: ownerOf(object, Services.kind),
    object,
  };
}

function agreed(names: readonly (string | undefined)[]): string | undefined {
  const distinct = [...new Set(names.filter((name) => name !== undefined))];
  return distinct.length === 0 ? undefined : distinct.sort().join('+');
}
