import type { KubernetesObject } from '../../../src/model/kubernetes-object.ts';
import {
  EndpointSlices,
  MutatingWebhooks,
  Namespaces,
  Pods,
  Services,
  ValidatingWebhooks,
} from '../../../src/ports/kinds.ts';
import type { EndpointSlice, Pod, Webhook, WebhookConfiguration } from '../../../src/ports/objects.ts';
import type { AdmissionRequest, Registry } from './api-server/registry.ts';
import { matchesSelector } from './api-server/selectors.ts';
import { internalError } from './api-server/status-failure.ts';
import type { Random } from './random.ts';

interface WebhookCall extends AdmissionRequest {
  path: string;
  /** One of the ready pods behind the webhook's Service. */
  backend: Pod;
}

/** What answers a webhook call: the object to go on with, how the connection failed, or nothing at all. */
export type WebhookServer = (
  call: WebhookCall,
) => { object: KubernetesObject } | { failure: string } | { timedOut: true };

type FullWebhook = Webhook & { timeoutSeconds?: number };

/** Calls webhooks by the API server's rules, mutating before validating, configurations in the order of their names. */
export class WebhookAdmission {
  readonly #registry: Registry;
  readonly #random: Random;
  readonly #servers = new Map<string, WebhookServer>();
  #fallback: WebhookServer | undefined;

  constructor(registry: Registry, random: Random) {
    this.#registry = registry;
    this.#random = random;
    registry.useAdmission((request) => this.#admit(request));
  }

  /** Who answers at a Service; without one, the fallback does. */
  serve(namespace: string, service: string, server: WebhookServer): void {
    this.#servers.set(`${namespace}/${service}`, server);
  }

  serveOthers(server: WebhookServer): void {
    this.#fallback = server;
  }

  #admit(request: AdmissionRequest): KubernetesObject {
    const object = this.#matching(MutatingWebhooks, request).reduce<KubernetesObject>(
      (current, webhook) =>
        selects(webhook, this.#namespaceLabels(request), current)
          ? this.#call(webhook, { ...request, object: current })
          : current,
      request.object,
    );
    for (const webhook of this.#matching(ValidatingWebhooks, request)) {
      if (selects(webhook, this.#namespaceLabels(request), object)) this.#call(webhook, { ...request, object });
    }
    return object;
  }

  #matching(kind: typeof MutatingWebhooks, request: AdmissionRequest): FullWebhook[] {
    return this.#registry.store
      .list<WebhookConfiguration>(kind)
      .flatMap(({ webhooks = [] }) => webhooks)
      .filter(({ rules = [] }) => rules.some((rule) => covers(rule, request)));
  }

  /** @throws StatusFailure InternalError if the webhook cannot be called and its failurePolicy says Fail */
  #call(webhook: FullWebhook, request: AdmissionRequest): KubernetesObject {
    const outcome = this.#reach(webhook, request);
    if ('object' in outcome) return outcome.object;
    if (webhook.failurePolicy === 'Ignore') return request.object;
    const { timeoutSeconds = 10, clientConfig } = webhook;
    const { name = '', namespace = '', path = '/', port = 443 } = clientConfig.service ?? {};
    const url = `https://${name}.${namespace}.svc:${port}${path}?timeout=${timeoutSeconds}s`;
    const failure = 'timedOut' in outcome ? 'context deadline exceeded' : outcome.failure;
    throw internalError(
      `failed calling webhook "${webhook.name}": failed to call webhook: Post "${url}": ${failure}`,
      'timedOut' in outcome ? timeoutSeconds * 1_000 : undefined,
    );
  }

  #reach({ clientConfig }: FullWebhook, request: AdmissionRequest): ReturnType<WebhookServer> {
    if (!clientConfig.service) throw new Error(`not simulated: a webhook at ${clientConfig.url}`);
    const { name, namespace, path = '/' } = clientConfig.service;
    const { store } = this.#registry;
    if (!store.get(Services, name, namespace)) return { failure: `service "${name}" not found` };
    const backends = this.#readyPods(namespace, name);
    if (backends.length === 0) return { failure: `no endpoints available for service "${name}"` };
    if (!clientConfig.caBundle) {
      return { failure: 'tls: failed to verify certificate: x509: certificate signed by unknown authority' };
    }
    const backend = this.#random.pick(backends);
    const server = this.#servers.get(`${namespace}/${name}`) ?? this.#fallback;
    if (!server) return { failure: `dial tcp ${backend.status?.podIP}:15017: connect: connection refused` };
    return server({ ...request, path, backend });
  }

  #readyPods(namespace: string, service: string): Pod[] {
    const { store } = this.#registry;
    return store
      .list<EndpointSlice>(EndpointSlices, namespace)
      .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service)
      .flatMap(
        ({ endpoints = [] }) =>
          endpoints as (NonNullable<EndpointSlice['endpoints']>[number] & { targetRef?: { name: string } })[],
      )
      .filter(({ conditions }) => conditions?.ready)
      .flatMap(({ targetRef }) => store.get<Pod>(Pods, targetRef?.name ?? '', namespace) ?? []);
  }

  #namespaceLabels({ namespace, resource, object }: AdmissionRequest): Record<string, string> | undefined {
    if (resource.kind === 'Namespace') return object.metadata.labels ?? {};
    if (namespace === undefined) return undefined;
    return this.#registry.store.get(Namespaces, namespace)?.metadata.labels ?? {};
  }
}

/** A cluster-scoped object has no namespace to select by, and matches every namespaceSelector. */
function selects(
  webhook: Webhook,
  namespaceLabels: Record<string, string> | undefined,
  object: KubernetesObject,
): boolean {
  return (
    (namespaceLabels === undefined || matchesSelector(webhook.namespaceSelector, namespaceLabels)) &&
    matchesSelector(webhook.objectSelector, object.metadata.labels)
  );
}

function covers(rule: NonNullable<Webhook['rules']>[number], { operation, resource }: AdmissionRequest): boolean {
  const has = (values: readonly string[] | undefined, wanted: string) =>
    values?.some((value) => value === '*' || value === wanted) ?? false;
  return (
    has(rule.apiGroups, resource.group) &&
    has(rule.apiVersions, resource.version) &&
    has(rule.resources, resource.plural) &&
    has(rule.operations, operation)
  );
}
