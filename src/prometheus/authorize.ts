import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../model/clock.ts';
import { learnSecrets } from '../secrecy/hide-secrets.ts';
import type { PrometheusAccess } from './access.ts';
import { type Signable, signedHeaders } from './sign-v4.ts';

/** The credentials of one attempt. */
export interface Authorization {
  /** All headers of the request, its own among them. */
  headers(request: Signable): Promise<Record<string, string>>;
  /** Whether others have taken their place meanwhile, so that a refusal need not be the last word. */
  isOutdated(): boolean;
}

/**
 * Reads the credentials anew for each attempt: token files are replaced before a token expires, by a kubelet for example.
 * @param fallback of the URL, if nothing else is configured
 */
export function authorizer(
  { bearerToken, basicAuth, sigv4 }: PrometheusAccess,
  fallback: { username: string; password: string } | undefined,
  clock: Clock,
): () => Authorization {
  if (sigv4 !== undefined) {
    const { region, service } = sigv4;
    return attempts(sigv4.credentials, (credentials, request) => {
      learnSecrets(credentials.secretAccessKey, credentials.sessionToken);
      return signedHeaders(request, { credentials, region, service, at: clock.now() });
    });
  }
  if (bearerToken !== undefined) return attempts(() => bearer(bearerToken()), addAuthorization);
  if (basicAuth !== undefined) return attempts(() => basic(basicAuth.username, basicAuth.password()), addAuthorization);
  if (fallback !== undefined) return attempts(() => basic(fallback.username, fallback.password), addAuthorization);
  return attempts(() => undefined, addAuthorization);
}

function attempts<Secret>(
  read: () => Secret,
  headersOf: (secret: Secret, request: Signable) => Promise<Record<string, string>>,
): () => Authorization {
  return () => {
    const used = read();
    return {
      headers: (request) => headersOf(used, request),
      isOutdated: () => !isDeepStrictEqual(read(), used),
    };
  };
}

async function addAuthorization(
  authorization: string | undefined,
  { headers }: Signable,
): Promise<Record<string, string>> {
  return { ...(authorization === undefined ? {} : { authorization }), ...headers };
}

function bearer(token: string): string {
  learnSecrets(token);
  return `Bearer ${token.trim()}`;
}

function basic(username: string, password: string): string {
  learnSecrets(password);
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
