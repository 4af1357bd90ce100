import { type Dispatcher, request } from 'undici';
import type { ClusterName } from '../model/cluster-name.ts';
import { dispatcherFor } from '../network/dispatcher-for.ts';
import { CredentialSource, type Credentials } from './credentials.ts';
import { type Access, type KubeconfigRequest, loadKubeconfig } from './load-kubeconfig.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

export interface LoadedTransport {
  transport: Transport;
  /** The name of the kubeconfig's context, or `in-cluster`. */
  context: string;
  /** The API server's URL, for messages. */
  server: string;
  /** For people. */
  name: ClusterName;
}

/** @throws UpgradeError KUBECONFIG_MISSING, KUBECONFIG_INVALID, CONTEXT_UNKNOWN; nothing is sent yet */
export function loadTransport(from: KubeconfigRequest): LoadedTransport {
  const access = loadKubeconfig(from);
  const { context, cluster, user } = access;
  const name = { context, cluster: cluster.name, server: withoutPassword(cluster.server), user: user.name };
  return { transport: new ClientTransport(access, from.env), context, server: cluster.server, name };
}

function withoutPassword(server: string): string {
  const url = new URL(server);
  if (url.username === '' && url.password === '') return server;
  Object.assign(url, { username: '', password: '' });
  return String(url);
}

const credentialsFreshMs = 60_000;

/** Sends with the kubeconfig's credentials over kept-alive connections. */
export class ClientTransport implements Transport {
  readonly #access: Access;
  readonly #env: KubeconfigRequest['env'];
  readonly #source: CredentialSource;
  #credentials: { obtained: Promise<Credentials>; at: number } | undefined;
  #connections: { dispatcher: Dispatcher; tls: string } | undefined;

  constructor(access: Access, env: KubeconfigRequest['env']) {
    this.#access = access;
    this.#env = env;
    this.#source = new CredentialSource(access);
  }

  /** @throws UpgradeError CLUSTER_CREDENTIALS_FAILED beside the network's own errors */
  async send(sent: TransportRequest): Promise<TransportResponse> {
    const credentials = await this.#current();
    const response = await this.#sendAs(credentials, sent);
    if (response.status !== 401) return response;
    // A token may be replaced before it expires; a request refused with 401 changed nothing and may be sent again.
    this.#credentials = undefined;
    const renewed = await this.#current();
    if (JSON.stringify(renewed) === JSON.stringify(credentials)) return response;
    await response.text();
    return this.#sendAs(renewed, sent);
  }

  async #sendAs(
    credentials: Credentials,
    { method, path, headers, body, signal }: TransportRequest,
  ): Promise<TransportResponse> {
    const response = await request(`${this.#access.cluster.server}${path}`, {
      dispatcher: this.#dispatcher(credentials),
      method,
      headers: { ...headers, ...credentials.headers },
      body: body ?? null,
      signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    return {
      status: response.statusCode,
      headers: flatten(response.headers),
      text: () => response.body.text(),
      chunks: () => response.body,
    };
  }

  #current(): Promise<Credentials> {
    const now = performance.now();
    if (!this.#credentials || now - this.#credentials.at > credentialsFreshMs) {
      const obtained = this.#source.obtain();
      this.#credentials = { obtained, at: now };
      // A failure goes to the callers that wait now; it is not cached for the next minute.
      obtained.catch(() => {
        if (this.#credentials?.obtained === obtained) this.#credentials = undefined;
      });
    }
    return this.#credentials.obtained;
  }

  /** One set of connections as long as the certificates do not change: a new one for each request would defeat keep-alive. */
  #dispatcher({ tls }: Credentials): Dispatcher {
    const key = JSON.stringify(tls);
    if (this.#connections?.tls !== key) {
      const old = this.#connections?.dispatcher;
      this.#connections = { dispatcher: dispatcherFor(tls, this.#access.cluster.proxyUrl, this.#env), tls: key };
      // Watches that still use the old connections end later; nothing waits for them.
      old?.close().catch(() => undefined);
    }
    return this.#connections.dispatcher;
  }
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return Object.fromEntries(pairs);
}
