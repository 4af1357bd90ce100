import type { KubernetesObject, PartialObject } from '../model/kubernetes-object.ts';

/** What the engine asks of a cluster. Adapters contain no policy: an `if` about the mesh does not belong in an implementation. */
export interface Cluster {
  /** Every object of a kind; the adapter reads pages. Served from the shared mirror once the kind is watched, unless `fresh`. */
  list<T extends KubernetesObject>(kind: Kind, options?: ListOptions): Promise<readonly T[]>;
  /** Metadata only; for kinds of which there are tens of thousands. */
  listMetadata(kind: Kind, options?: ListOptions): Promise<readonly PartialObject[]>;
  /** `undefined` when the object does not exist. Any other failure throws. */
  get<T extends KubernetesObject>(kind: Kind, name: string, namespace?: string): Promise<T | undefined>;
  /** @throws StatusError with reason `AlreadyExists` */
  create<T extends KubernetesObject>(kind: Kind, object: T): Promise<T>;
  /** What a create would store, or why the API server refuses it; nothing is stored. Any other failure throws. */
  tryCreate<T extends KubernetesObject>(kind: Kind, object: T): Promise<{ stored: T } | { refused: Refused }>;
  /** Writes the whole object; its `resourceVersion` must still be the newest. @throws StatusError with reason `Conflict` */
  replace<T extends KubernetesObject>(kind: Kind, object: T): Promise<T>;
  patch<T extends KubernetesObject>(kind: Kind, target: Target, patch: Patch): Promise<T>;
  delete(kind: Kind, target: Target): Promise<void>;
  /** What this user may do, by SelfSubjectAccessReview, in the order asked. */
  may(rights: readonly Right[]): Promise<readonly boolean[]>;
  /** Keeps a mirror of these lists by list and watch, so that later `list` calls cost nothing. */
  follow(lists: readonly Followed[]): Promise<void>;
  /** Lists again all that is watched: a watch may have lost events without an error. */
  refresh(): Promise<void>;
  /** Resolves when a watched list has changed since the last call, or after `timeoutMs`. */
  changed(timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Whether the cluster serves this kind, by its list of resources, which is read once for each group and version. */
  serves(kind: Kind): Promise<boolean>;
  /** For example `v1.36.3`. */
  version(): Promise<string>;
  /** The server's clock, Unix milliseconds, from the newest response's Date header; one second coarse. */
  now(): number;
  /** GET through the API server's service proxy. The caller reads the status. */
  proxy(request: ProxyRequest): Promise<{ status: number; body: string; headers: Readonly<Record<string, string>> }>;
  /** What was thrown by one of these methods, by its entry in the catalogue; anything else as it came. */
  named(failure: unknown): unknown;
  /** Requests sent so far by verb (`get list watch create update patch delete`, and `proxy` for what went through to a Service), for the report. */
  readonly requests: Readonly<Record<string, number>>;
  close(): Promise<void>;
}

export interface Kind {
  apiVersion: string;
  kind: string;
  plural: string;
  namespaced: boolean;
}

/** An answer of 400 and above, as the API server gives it. */
export interface Refused {
  /** The HTTP status. */
  code: number;
  /** `Forbidden`, `Invalid`, ...; `Unknown` where the answer has none. */
  reason: string;
  message: string;
  /** The machine-readable reasons of its causes, such as `NamespaceTerminating`. */
  causes: readonly string[];
}

export interface ListOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** A consistent read of the store, never the mirror. Use it before anything that cannot be undone. */
  fresh?: boolean;
}

export interface Followed extends Pick<ListOptions, 'labelSelector' | 'fieldSelector' | 'namespace'> {
  kind: Kind;
  metadataOnly?: boolean;
  /** Reduces each object to the few fields that are read. Such a list cannot be filtered by labels or fields. */
  shape?: (object: KubernetesObject) => KubernetesObject;
}

export interface Target {
  name: string;
  namespace?: string;
}

export interface Patch {
  type: 'merge' | 'strategic-merge' | 'apply';
  body: unknown;
  fieldManager: string;
  /** Only for `apply`. */
  force?: boolean;
}

export interface Right {
  verb: string;
  group: string;
  resource: string;
  subresource?: string;
  namespace?: string;
}

export interface ProxyRequest {
  namespace: string;
  service: string;
  port: string;
  scheme: 'http' | 'https';
  /** Path and query below the service, with a leading slash. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  timeoutMs: number;
  signal?: AbortSignal;
}
