import type { Cluster } from '../ports/kubernetes.ts';
import type { PrometheusAccess } from './access.ts';
import { PrometheusAccessInvalid } from './prometheus-errors.ts';
import type { PrometheusTransport } from './prometheus-transport.ts';

export const clusterScheme = 'kubernetes:';

/** Through the API server's service proxy, so that nothing need be exposed. That proxy is reached by GET. */
export function clusterTransport(access: PrometheusAccess, cluster: Cluster): PrometheusTransport {
  const { namespace, service, port, prefix, scheme } = readUrl(access.url);
  const headers = { accept: 'application/json', ...access.headers };
  refuseCredentials(access);
  return {
    url: access.url,
    ask: (endpoint, form, timeoutMs) => {
      const path = `${prefix}/api/v1/${endpoint}?${form}`;
      return cluster.proxy({ namespace, service, port, scheme, headers, timeoutMs, path });
    },
  };
}

function readUrl(text: string) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const path = /^\/([a-z0-9.-]+):([a-z0-9-]+)(\/.*)?$/.exec(url?.pathname ?? '');
  const scheme = url?.searchParams.get('scheme') ?? 'http';
  if (!url?.hostname || !path || (scheme !== 'http' && scheme !== 'https')) {
    throw PrometheusAccessInvalid.of(text, 'this is not kubernetes://NAMESPACE/SERVICE:PORT[/prefix][?scheme=https]');
  }
  const [, service = '', port = '', prefix = ''] = path;
  return { namespace: url.hostname, service, port, prefix: prefix.replace(/\/+$/, ''), scheme } as const;
}

/** The API server takes an Authorization header for itself and keeps it, and its own TLS settings count. */
function refuseCredentials({ url, headers = {}, ...access }: PrometheusAccess): void {
  const { bearerToken, basicAuth, sigv4, ca, cert, key } = access;
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
  if (!named && [bearerToken, basicAuth, sigv4, ca, cert, key].every((secret) => secret === undefined)) return;
  throw PrometheusAccessInvalid.of(url, "credentials and certificates cannot be handed through the API server's proxy");
}
