import { readFileSync } from 'node:fs';
import type { Authenticator } from '@kubernetes/client-node/dist/auth.js';
import type { User } from '@kubernetes/client-node/dist/config_types.js';
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js';
import { FileAuth } from '@kubernetes/client-node/dist/file_auth.js';
import { messageOf } from '../model/upgrade-error.ts';
import type { TlsMaterial } from '../network/dispatcher-for.ts';
import { learnSecrets } from '../secrecy/hide-secrets.ts';
import { ClusterCredentialsFailed } from './cluster-errors.ts';
import type { Access } from './load-kubeconfig.ts';

/** The credentials of a request. */
export interface Credentials {
  headers: Readonly<Record<string, string>>;
  tls: TlsMaterial;
}

/** Obtains credentials again at every call; the plugins cache what has not expired. */
export class CredentialSource {
  readonly #access: Access;
  #authenticator: Promise<Authenticator | undefined> | undefined;

  constructor(access: Access) {
    this.#access = access;
  }

  /** @throws UpgradeError CLUSTER_CREDENTIALS_FAILED when a plugin fails or a file cannot be read */
  async obtain(): Promise<Credentials> {
    const { cluster, user } = this.#access;
    try {
      const { headers, cert, key } = await this.#authenticate();
      const ca = fromFileOrData(cluster.caFile, cluster.caData);
      const tls = {
        ...optional('ca', ca),
        ...optional('cert', cert ?? fromFileOrData(user.certFile, user.certData)),
        ...optional('key', key ?? fromFileOrData(user.keyFile, user.keyData)),
        ...optional('servername', cluster.tlsServerName),
        ...(cluster.skipTLSVerify ? { rejectUnauthorized: false as const } : {}),
      };
      learnSecrets(headers['authorization']?.replace(/^\S+\s+/, ''), user.password, tls.key);
      return { headers, tls };
    } catch (error) {
      throw ClusterCredentialsFailed.because(error, user.name, problemOf(error));
    }
  }

  async #authenticate(): Promise<{ headers: Record<string, string>; cert?: string; key?: string }> {
    const { user } = this.#access;
    const headers: Record<string, string> = {};
    if (user.username) headers['authorization'] = `Basic ${btoa(`${user.username}:${user.password ?? ''}`)}`;
    if (user.impersonateUser) headers['impersonate-user'] = user.impersonateUser;
    this.#authenticator ??= authenticatorFor(user);
    const options: { headers: Record<string, string>; cert?: string; key?: string } = { headers: {} };
    await (await this.#authenticator)?.applyAuthentication(user, options);
    const { Authorization: fromPlugin } = options.headers;
    if (fromPlugin !== undefined) headers['authorization'] = fromPlugin.trim();
    if (user.token) headers['authorization'] = `Bearer ${user.token.trim()}`;
    return { headers, ...optional('cert', options.cert), ...optional('key', options.key) };
  }
}

async function authenticatorFor(user: User): Promise<Authenticator | undefined> {
  const file = new FileAuth();
  if (file.isAuthProvider(user)) return file;
  const exec = new ExecAuth();
  if (exec.isAuthProvider(user)) return exec;
  const provider: unknown = user.authProvider?.name;
  if (provider === undefined) return undefined;
  if (provider === 'oidc') {
    // Loads the generated models of client-node, so it is imported only for users of an auth-provider.
    const { OpenIDConnectAuth } = await import('@kubernetes/client-node/dist/oidc_auth.js');
    return new OpenIDConnectAuth();
  }
  throw new Error(`the auth-provider "${String(provider)}" was removed from Kubernetes in 1.26; use its exec plugin`);
}

/** The output of a plugin may be the token itself; the message of the parser would quote it. */
const problemOf = (error: unknown): string =>
  error instanceof SyntaxError ? 'the exec plugin did not print JSON' : messageOf(error);

function fromFileOrData(file: string | undefined, data: string | undefined): string | undefined {
  if (file) return readFileSync(file, 'utf8');
  return data ? Buffer.from(data, 'base64').toString('utf8') : undefined;
}

function optional<K extends string>(key: K, value: string | undefined | null): { [P in K]?: string } {
  return value === undefined || value === null ? {} : ({ [key]: value } as { [P in K]: string });
}
