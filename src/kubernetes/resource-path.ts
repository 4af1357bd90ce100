import type { Kind, ListOptions, ProxyRequest, Target } from '../ports/kubernetes.ts';

export type Query = Readonly<Record<string, string | undefined>>;

/** `/apis/apps/v1/namespaces/foo/deployments?limit=500`; every namespace when none is named. */
export function listPath(kind: Kind, options: ListOptions, query: Query = {}): string {
  const { labelSelector, fieldSelector } = options;
  return `${collection(kind, options.namespace)}${render({ labelSelector, fieldSelector, ...query })}`;
}

/** The collection that a new object is posted to. */
export function createPath(kind: Kind, namespace: string | undefined, query: Query = {}): string {
  return `${collection(kind, required(kind, namespace))}${render(query)}`;
}

export function objectPath(kind: Kind, target: Target, query: Query = {}): string {
  const namespace = required(kind, target.namespace);
  return `${collection(kind, namespace)}/${encodeURIComponent(target.name)}${render(query)}`;
}

export function proxyPath({ namespace, scheme, service, port, path }: ProxyRequest): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${scheme}:${service}:${port}/proxy${path}`;
}

/** The path under which the API server lists the kinds that it serves of a group and version. */
export const apiPath = (apiVersion: string): string =>
  apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

function collection({ apiVersion, plural, namespaced }: Kind, namespace: string | undefined): string {
  const group = apiPath(apiVersion);
  return namespaced && namespace !== undefined
    ? `${group}/namespaces/${encodeURIComponent(namespace)}/${plural}`
    : `${group}/${plural}`;
}

function required({ kind, namespaced }: Kind, namespace: string | undefined): string | undefined {
  if (!namespaced) return undefined;
  if (namespace === undefined) throw new TypeError(`a ${kind} is addressed by name and namespace`);
  return namespace;
}

function render(query: Query): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length > 0 ? `?${new URLSearchParams(given)}` : '';
}
