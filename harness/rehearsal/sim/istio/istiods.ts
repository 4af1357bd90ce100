import { ConfigMaps, MutatingWebhooks, Pods, ValidatingWebhooks } from '../../../../src/ports/kinds.ts';
import type { Kind } from '../../../../src/ports/kubernetes.ts';
import type { ConfigMap, Pod, Webhook, WebhookConfiguration } from '../../../../src/ports/objects.ts';
import type { WebhookAdmission, WebhookServer } from '../admission.ts';
import type { Change } from '../api-server/store.ts';
import type { ControllerContext } from '../controllers/controller.ts';
import { isReady } from '../controllers/pods.ts';
import { WorkQueue } from '../controllers/work-queue.ts';
import { inject } from './inject.ts';
import { injectorSettings } from './injector-settings.ts';
import { IstioNamespace, RevisionLabel, TagLabel, tagWebhookName } from './names.ts';

export type IstiodHealth = 'answers' | 'hangs' | 'refuses' | 'fails';

/** A proxy that holds a connection to an istiod. */
export interface ConnectedProxy {
  /** `pod.namespace`; of a virtual machine its name instead of the pod's. */
  id: string;
  namespace: string;
  /** As its image says. */
  version: string;
  type: 'sidecar' | 'gateway';
}

/** 35-empty-cabundle: webhooks are patched, own and tags', within two seconds of the start. */
const PatchDelayMs = [60, 400] as const;
/** 48-gateway-api: leaderships follow the default tag within seconds. */
const LeaderDelayMs = [1000, 4000] as const;
const Leader = 'istio-leader';
const LeaderAnnotation = 'control-plane.alpha.kubernetes.io/leader';

/** The mesh's root certificate; all istiods share one, so that every revision trusts every other. */
const CaBundle = Buffer.from(
  `-----BEGIN CERTIFICATE-----\n${'c2ltdWxhdGVkIG1lc2ggcm9vdCBjZXJ0aWZpY2F0ZSBv\n'.repeat(21)}-----END CERTIFICATE-----\n`,
).toString('base64');

/** All control planes: a running istiod answers webhooks, keeps their certificates, and leads or follows. */
export class Istiods {
  readonly #context: ControllerContext;
  readonly #health = new Map<string, IstiodHealth>();
  /** By revision: proxies that no pod of this cluster holds. */
  readonly #outside = new Map<string, readonly ConnectedProxy[]>();
  readonly #patches: WorkQueue;
  readonly #leadership: WorkQueue;
  /** When each revision's injector answered, and when it failed, in virtual milliseconds. */
  readonly injections: { revision: string; at: number; succeeded: boolean }[] = [];

  constructor(context: ControllerContext, admission: WebhookAdmission) {
    this.#context = context;
    this.#patches = new WorkQueue(context.clock, context.random, { delayMs: PatchDelayMs }, (revision) =>
      this.#patchWebhooks(revision),
    );
    this.#leadership = new WorkQueue(context.clock, context.random, { delayMs: LeaderDelayMs }, () => this.#elect());
    admission.serveOthers((call) => this.#answer(call));
    context.registry.store.onChange((change) => this.#onChange(change));
  }

  /** Makes the webhooks of a revision hang, refuse connections, or answer with an error: 39-webhook-down. */
  setHealth(revision: string, health: IstiodHealth): void {
    this.#health.set(revision, health);
  }

  /** Ready pods of a revision's istiod. */
  running(revision: string): Pod[] {
    return this.#all().filter((pod) => revisionOf(pod) === revision && isReady(pod));
  }

  revisions(): string[] {
    return [...new Set(this.#all().filter(isReady).map(revisionOf))].sort();
  }

  /** Connects a proxy that is not a pod of this cluster, such as one on a virtual machine. @returns what ends its connection */
  connectOutside(
    revision: string,
    { name, namespace, version }: { name: string; namespace: string; version: string },
  ): () => void {
    const proxy: ConnectedProxy = { id: `${name}.${namespace}`, namespace, version, type: 'sidecar' };
    const others = () => (this.#outside.get(revision) ?? []).filter((each) => each !== proxy);
    this.#outside.set(revision, [...others(), proxy]);
    return () => void this.#outside.set(revision, others());
  }

  /** Proxies that hold a connection to a revision: those that it injected and that run, and those outside, while an istiod answers. */
  proxiesOf(revision: string): readonly ConnectedProxy[] {
    if (this.running(revision).length === 0) return [];
    const pods = this.#context.registry.store
      .list<Pod>(Pods)
      .filter(
        ({ metadata, status }) => metadata.annotations?.['istio.io/rev'] === revision && status?.phase === 'Running',
      );
    return [...pods.flatMap(proxyOf), ...(this.#outside.get(revision) ?? [])];
  }

  #answer({
    backend,
    path,
    object,
    resource,
    namespace = '',
  }: Parameters<WebhookServer>[0]): ReturnType<WebhookServer> {
    const revision = revisionOf(backend);
    switch (this.#health.get(revision) ?? 'answers') {
      case 'hangs':
        return { timedOut: true };
      case 'refuses':
        return { failure: `dial tcp ${backend.status?.podIP}:15017: connect: connection refused` };
      case 'fails':
        this.#count(revision, false);
        return {
          failure: 'an error on the server ("Internal Server Error") has prevented the request from succeeding',
        };
      case 'answers':
    }
    if (!path.startsWith('/inject') || resource.kind !== 'Pod') return { object };
    this.#count(revision, true);
    const settings = injectorSettings(this.#context.registry.store, revision);
    return { object: inject(object as Pod, namespace, { revision, version: versionOf(backend), settings }) };
  }

  #count(revision: string, succeeded: boolean): void {
    this.injections.push({ revision, at: this.#context.clock.now(), succeeded });
  }

  #onChange({ kind, object, previous, type }: Change): void {
    if (type === 'DELETED') return;
    const revision = object.metadata.labels?.[RevisionLabel];
    if (!revision) return;
    if (kind.plural === Pods.plural && isIstiod(object as Pod) && isReady(object as Pod)) {
      if (previous && isReady(previous as Pod)) return;
      this.#patches.add(revision);
      this.#leadership.add(Leader);
    }
    if (kind.plural === MutatingWebhooks.plural || kind.plural === ValidatingWebhooks.plural) {
      this.#patches.add(revision);
      if (object.metadata.name === tagWebhookName('default')) this.#leadership.add(Leader);
    }
  }

  #patchWebhooks(revision: string): void {
    if (this.running(revision).length === 0) return;
    this.#patchEach(MutatingWebhooks, revision, (webhook) => withCa(webhook));
    // istiod sets Fail itself, once it has seen that its own validation answers.
    this.#patchEach(ValidatingWebhooks, revision, (webhook) => ({ ...withCa(webhook), failurePolicy: 'Fail' }));
  }

  #patchEach(kind: Kind, revision: string, change: (webhook: Webhook) => Webhook): void {
    const { registry } = this.#context;
    for (const configuration of registry.store.list<WebhookConfiguration>(kind)) {
      if (configuration.metadata.labels?.[RevisionLabel] !== revision) continue;
      const webhooks = (configuration.webhooks ?? []).map(change);
      registry.replace(kind, { ...configuration, webhooks }, { manager: 'pilot-discovery' });
    }
  }

  #elect(): void {
    const { registry } = this.#context;
    const byTag = registry.store.get(MutatingWebhooks, tagWebhookName('default'))?.metadata.labels?.[RevisionLabel];
    const holder = this.running(byTag ?? '')[0] ?? this.#all().find(isReady);
    if (!holder) return;
    const record = JSON.stringify({
      holderIdentity: holder.metadata.name,
      holderKey: revisionOf(holder),
      leaseDurationSeconds: 30,
    });
    const metadata = { name: Leader, namespace: IstioNamespace, annotations: { [LeaderAnnotation]: record } };
    const live = registry.store.get<ConfigMap>(ConfigMaps, Leader, IstioNamespace);
    const options = { manager: 'pilot-discovery' };
    if (live) registry.patch(ConfigMaps, metadata, { type: 'merge', body: { metadata } }, options);
    else registry.create(ConfigMaps, { metadata }, options);
  }

  #all(): Pod[] {
    return this.#context.registry.store.list<Pod>(Pods, IstioNamespace).filter(isIstiod);
  }
}

function proxyOf({ metadata, spec }: Pod): ConnectedProxy[] {
  const { name, namespace = '', annotations } = metadata;
  const proxy = [...spec.containers, ...(spec.initContainers ?? [])].find(
    (container) => container.name === 'istio-proxy',
  );
  if (proxy === undefined) return [];
  const isGateway = annotations?.['inject.istio.io/templates'] === 'gateway';
  const version = proxy.image?.split(':').at(-1) ?? '';
  return [{ id: `${name}.${namespace}`, namespace, version, type: isGateway ? 'gateway' : 'sidecar' }];
}

export function versionOf({ spec }: Pod): string {
  return spec.containers[0]?.image?.split(':').at(-1) ?? '';
}

export function revisionOf({ metadata }: Pod): string {
  return metadata.labels?.[RevisionLabel] ?? '';
}

export function isTagged(labels: Readonly<Record<string, string>> | undefined): boolean {
  return labels?.[TagLabel] !== undefined;
}

function isIstiod({ metadata }: Pod): boolean {
  return metadata.labels?.['app'] === 'istiod' && metadata.namespace === IstioNamespace;
}

function withCa(webhook: Webhook): Webhook {
  return { ...webhook, clientConfig: { ...webhook.clientConfig, caBundle: CaBundle } };
}
