import * as z from 'zod';
import type { KubernetesObject, PartialObject } from '../model/kubernetes-object.ts';
import type {
  Cluster,
  Followed,
  Kind,
  ListOptions,
  Patch,
  ProxyRequest,
  Refused,
  Right,
  Target,
} from '../ports/kubernetes.ts';
import { reviewAccess } from './access-review.ts';
import { ApiClient, type ClientOptions } from './api-client.ts';
import { AnyObject, complete, listPages } from './list-pages.ts';
import { Mirrors } from './mirrors.ts';
import { nameFailure } from './name-failure.ts';
import { apiPath, createPath, objectPath, proxyPath } from './resource-path.ts';
import { hasReason, StatusError } from './status-error.ts';
import type { Transport } from './transport.ts';

const Resources = z.object({ resources: z.array(z.object({ name: z.string() })) });
const Version = z.object({ gitVersion: z.string() });

// A delete answers with a Status that names the uid, or with the object when finalizers keep it for a while.
const Deleted = z.object({
  kind: z.string(),
  metadata: z
    .custom<KubernetesObject['metadata']>((value) => value === undefined || typeof value === 'object')
    .optional(),
  details: z.object({ uid: z.string().optional() }).optional(),
});

const contentTypes: Record<Patch['type'], string> = {
  merge: 'application/merge-patch+json',
  'strategic-merge': 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

export function createCluster(transport: Transport, options: ClientOptions): Cluster {
  return new KubernetesCluster(new ApiClient(transport, options));
}

/** The cluster over any transport. Failures are StatusError, AmbiguousWrite, or UpgradeError CLUSTER_*. */
class KubernetesCluster implements Cluster {
  readonly #client: ApiClient;
  readonly #mirrors: Mirrors;
  /** The plural names of the served kinds, by group and version. */
  readonly #served = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(client: ApiClient) {
    this.#client = client;
    this.#mirrors = new Mirrors(client);
  }

  get requests(): Readonly<Record<string, number>> {
    return this.#client.requests;
  }

  list<T extends KubernetesObject>(kind: Kind, options: ListOptions = {}): Promise<readonly T[]> {
    return this.#list(kind, options, false) as Promise<readonly T[]>;
  }

  listMetadata(kind: Kind, options: ListOptions = {}): Promise<readonly PartialObject[]> {
    return this.#list(kind, options, true);
  }

  async get<T extends KubernetesObject>(kind: Kind, name: string, namespace?: string): Promise<T | undefined> {
    const path = objectPath(kind, target(name, namespace));
    try {
      const found = await this.#client.call({ verb: 'get', method: 'GET', path, repeatable: true }, AnyObject);
      return this.#as<T>(kind, found);
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async create<T extends KubernetesObject>(kind: Kind, object: T): Promise<T> {
    const path = createPath(kind, object.metadata.namespace);
    const call = { verb: 'create', method: 'POST', path, body: object, repeatable: false } as const;
    return this.#written<T>(kind, await this.#client.call(call, AnyObject));
  }

  async tryCreate<T extends KubernetesObject>(kind: Kind, object: T): Promise<{ stored: T } | { refused: Refused }> {
    const path = createPath(kind, object.metadata.namespace, { dryRun: 'All' });
    const call = { verb: 'create', method: 'POST', path, body: object, repeatable: true } as const;
    try {
      return { stored: this.#as<T>(kind, await this.#client.call(call, AnyObject)) };
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const { code, reason, message, details } = error;
      return {
        refused: { code, reason, message, causes: (details?.causes ?? []).flatMap((each) => each.reason ?? []) },
      };
    }
  }

  async replace<T extends KubernetesObject>(kind: Kind, object: T): Promise<T> {
    const path = objectPath(kind, object.metadata);
    const call = { verb: 'update', method: 'PUT', path, body: object, repeatable: false } as const;
    return this.#written<T>(kind, await this.#client.call(call, AnyObject));
  }

  async patch<T extends KubernetesObject>(kind: Kind, to: Target, patch: Patch): Promise<T> {
    const { type, body, fieldManager, force } = patch;
    const path = objectPath(kind, to, { fieldManager, force: type === 'apply' && force ? 'true' : undefined });
    const headers = { 'content-type': contentTypes[type] };
    const call = { verb: 'patch', method: 'PATCH', path, headers, body, repeatable: false } as const;
    return this.#written<T>(kind, await this.#client.call(call, AnyObject));
  }

  async delete(kind: Kind, from: Target): Promise<void> {
    const path = objectPath(kind, from);
    const answer = await this.#client.call({ verb: 'delete', method: 'DELETE', path, repeatable: false }, Deleted);
    if (answer.kind === 'Status') this.#mirrors.deleted(kind, from, answer.details?.uid);
    // The watch reports an object that still exists as being deleted, with its resource version.
  }

  may(rights: readonly Right[]): Promise<readonly boolean[]> {
    return reviewAccess(this.#client, rights);
  }

  follow(lists: readonly Followed[]): Promise<void> {
    return this.#mirrors.follow(lists);
  }

  refresh(): Promise<void> {
    return this.#mirrors.refresh();
  }

  changed(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#mirrors.changed(timeoutMs, signal);
  }

  async serves({ apiVersion, plural }: Kind): Promise<boolean> {
    const asked = this.#served.get(apiVersion) ?? this.#resources(apiVersion);
    this.#served.set(apiVersion, asked);
    try {
      return (await asked).has(plural);
    } catch (error) {
      this.#served.delete(apiVersion);
      throw error;
    }
  }

  async version(): Promise<string> {
    const call = { verb: 'get', method: 'GET', path: '/version', repeatable: true } as const;
    return (await this.#client.call(call, Version)).gitVersion;
  }

  named(failure: unknown): unknown {
    return nameFailure(failure);
  }

  now(): number {
    return this.#client.now();
  }

  async proxy(request: ProxyRequest): ReturnType<Cluster['proxy']> {
    const { headers = {}, timeoutMs, signal } = request;
    const call = { verb: 'proxy', method: 'GET', path: proxyPath(request), headers, repeatable: true } as const;
    const { text, ...head } = await this.#client.once(call, timeoutMs, signal);
    return { ...head, body: text };
  }

  async close(): Promise<void> {
    this.#client.close();
    await this.#mirrors.close();
  }

  async #list(kind: Kind, options: ListOptions, metadataOnly: boolean): Promise<readonly KubernetesObject[]> {
    const mirrored = options.fresh ? undefined : await this.#mirrors.list(kind, options, metadataOnly);
    return mirrored ?? (await listPages(this.#client, kind, { ...options, metadataOnly })).items;
  }

  /** Other projects may share the group, so its presence alone says nothing about one kind. */
  async #resources(apiVersion: string): Promise<ReadonlySet<string>> {
    const call = { verb: 'get', method: 'GET', path: apiPath(apiVersion), repeatable: true } as const;
    try {
      const { resources } = await this.#client.call(call, Resources);
      return new Set(resources.map(({ name }) => name));
    } catch (error) {
      if (hasReason(error, 'NotFound')) return new Set();
      throw error;
    }
  }

  #written<T extends KubernetesObject>(kind: Kind, object: KubernetesObject): T {
    const written = this.#as<T>(kind, object);
    this.#mirrors.written(kind, written);
    return written;
  }

  /** The caller names the type that goes with the kind; the API server has checked the object against its schema. */
  #as<T extends KubernetesObject>(kind: Kind, object: KubernetesObject): T {
    return complete(kind, object, false) as T;
  }
}

const target = (name: string, namespace: string | undefined): Target =>
  namespace === undefined ? { name } : { name, namespace };
