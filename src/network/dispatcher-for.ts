import { Agent, type Dispatcher, EnvHttpProxyAgent, ProxyAgent } from 'undici';
import { learnSecretsOfUrl } from '../secrecy/hide-secrets.ts';

export interface TlsMaterial {
  ca?: string;
  cert?: string;
  key?: string;
  servername?: string;
  rejectUnauthorized?: false;
}

// Load balancers cut what is silent for 60 s, undici's default.
const keepAlive = { keepAlive: true, keepAliveInitialDelay: 30_000 };

// HTTP/1.1 gives each watch its own connection: one that stalls does not hold up the writes.
const common = { allowH2: false, connections: 64, headersTimeout: 0, bodyTimeout: 0 };

/**
 * The connections to one server. Deadlines are the caller's, so undici's own are off.
 * @param proxyUrl the kubeconfig's, http, https or socks5; without it HTTPS_PROXY and NO_PROXY of `env` count, as for kubectl
 */
export function dispatcherFor(
  tls: TlsMaterial,
  proxyUrl: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Dispatcher {
  learnSecretsOfUrl(proxyUrl);
  if (proxyUrl) return new ProxyAgent({ ...common, uri: proxyUrl, requestTls: { ...tls, ...keepAlive } });
  const httpProxy = env['http_proxy'] || env['HTTP_PROXY'] || '';
  const httpsProxy = env['https_proxy'] || env['HTTPS_PROXY'] || '';
  for (const proxy of [httpProxy, httpsProxy]) learnSecretsOfUrl(proxy);
  const connect = { ...tls, ...keepAlive };
  if (!httpProxy && !httpsProxy) return new Agent({ ...common, connect });
  const noProxy = env['no_proxy'] || env['NO_PROXY'] || '';
  return new EnvHttpProxyAgent({ ...common, httpProxy, httpsProxy, noProxy, connect, requestTls: connect });
}
