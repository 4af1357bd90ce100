import type { Catalog } from './catalog.ts';
import { type Resource, SelfSubjectAccessReviews } from './resources.ts';

/** What a request's path means. */
export type Route =
  | { to: 'version' | 'health' }
  /** `isServedVersion` if other resources of its group and version are there. */
  | { to: 'unknown'; isServedVersion: boolean }
  | { to: 'discovery'; parts: readonly string[] }
  | { to: 'access-review'; resource: Resource }
  | { to: 'service-proxy'; namespace: string; scheme: 'http' | 'https'; service: string; port: string; path: string }
  | { to: 'resource'; resource: Resource; namespace?: string; name?: string; subresource?: string };

export function route(catalog: Catalog, url: URL): Route {
  const parts = url.pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const [root] = parts;
  if (root === 'version') return { to: 'version' };
  if (root === 'readyz' || root === 'livez' || root === 'healthz') return { to: 'health' };
  const proxy = /^\/api\/v1\/namespaces\/([^/]+)\/services\/([^/]+)\/proxy(\/.*)?$/.exec(url.pathname);
  if (proxy) return serviceProxy(proxy[1] ?? '', decodeURIComponent(proxy[2] ?? ''), `${proxy[3] ?? '/'}${url.search}`);
  if ((root === 'api' && parts.length <= 2) || (root === 'apis' && parts.length <= 3))
    return { to: 'discovery', parts };
  if (root === 'api') return resourceRoute(catalog, '', parts[1] ?? '', parts.slice(2));
  if (root === 'apis') return resourceRoute(catalog, parts[1] ?? '', parts[2] ?? '', parts.slice(3));
  return { to: 'unknown', isServedVersion: false };
}

function resourceRoute(catalog: Catalog, group: string, version: string, rest: readonly string[]): Route {
  const { apiVersion, plural } = SelfSubjectAccessReviews;
  if (`${group}/${version}` === apiVersion && rest[0] === plural) {
    return { to: 'access-review', resource: SelfSubjectAccessReviews };
  }
  const isNamespaced = rest[0] === 'namespaces' && rest.length > 2 && !isNamespaceSubresource(rest);
  const namespace = isNamespaced ? rest[1] : undefined;
  const [resourceName, name, subresource] = isNamespaced ? rest.slice(2) : rest;
  const isServedVersion = catalog.all().some((known) => known.group === group && known.version === version);
  const unknown: Route = { to: 'unknown', isServedVersion };
  const resource = catalog.find(group, version, resourceName ?? '');
  if (!resource || (subresource && !resource.subresources.includes(subresource))) return unknown;
  if (namespace !== undefined && !resource.namespaced) return unknown;
  return {
    to: 'resource',
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

/** `/api/v1/namespaces/x/status` is about the namespace, not about something in it. */
function isNamespaceSubresource(rest: readonly string[]): boolean {
  return rest.length === 3 && (rest[2] === 'status' || rest[2] === 'finalize');
}

/** The middle part is `[scheme:]name[:port]`. */
function serviceProxy(namespace: string, target: string, path: string): Route {
  const parts = target.split(':');
  const [scheme, service, port] = parts.length === 3 ? parts : ['', parts[0], parts[1]];
  return {
    to: 'service-proxy',
    namespace,
    scheme: scheme === 'https' ? 'https' : 'http',
    service: service ?? '',
    port: port ?? '',
    path,
  };
}
