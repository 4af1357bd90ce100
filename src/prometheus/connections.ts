import { isDeepStrictEqual } from 'node:util';
import type { Dispatcher } from 'undici';
import { dispatcherFor, type TlsMaterial } from '../network/dispatcher-for.ts';
import { learnSecrets } from '../secrecy/hide-secrets.ts';
import type { PrometheusAccess } from './access.ts';

/** The connections of the moment: new ones if the files have changed, since a client certificate is renewed before it expires. */
export function connectionsOf(
  access: PrometheusAccess,
  env: Readonly<Record<string, string | undefined>>,
): () => Dispatcher {
  let material = materialOf(access);
  let dispatcher = dispatcherFor(material, undefined, env);
  return () => {
    const current = materialOf(access);
    if (isDeepStrictEqual(current, material)) return dispatcher;
    learnSecrets(current.key);
    const outdated = dispatcher;
    material = current;
    dispatcher = dispatcherFor(material, undefined, env);
    // Requests that are under way end first, and report their own failures.
    outdated.close().catch(() => undefined);
    return dispatcher;
  };
}

function materialOf({ ca, cert, key, insecureSkipVerify }: PrometheusAccess): TlsMaterial {
  return {
    ...(ca === undefined ? {} : { ca: ca() }),
    ...(cert === undefined ? {} : { cert: cert() }),
    ...(key === undefined ? {} : { key: key() }),
    ...(insecureSkipVerify ? { rejectUnauthorized: false as const } : {}),
  };
}
