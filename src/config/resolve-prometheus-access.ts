import { messageOf } from '../model/upgrade-error.ts';
import type { PrometheusAccess } from '../prometheus/access.ts';
import { awsCredentials } from './aws-credentials.ts';
import type { Outside, PrometheusSource } from './config.ts';
import { ConfigFileUnreadable, ConfigSecretMissing } from './config-errors.ts';

/** Where the config's references lead. */
export interface Outsides {
  env: Readonly<Record<string, string | undefined>>;
  /** The text of a file; throws when it cannot be read. */
  readFile(path: string): string;
}

/**
 * Fetches the secrets and certificates that the config only names, once to prove that they are there, and then again whenever they
 * are asked for.
 * @throws UpgradeError CONFIG_SECRET_MISSING, CONFIG_FILE_UNREADABLE, with the line of the config that asks for it
 */
export function resolvePrometheusAccess(source: PrometheusSource, outsides: Outsides): PrometheusAccess {
  const { url, bearerToken, basicAuth, sigv4, ca, cert, key, insecureSkipVerify, timeoutMs } = source;
  const secret = (reference: Outside) => proven(() => readOutside(reference, outsides).trim());
  const pem = (reference: Outside) => proven(() => readOutside(reference, outsides));
  const headers = source.headers.map(({ name, value, at }) => [name, fillVariables(value, at, outsides)] as const);
  return {
    url,
    ...(bearerToken && { bearerToken: secret(bearerToken) }),
    ...(basicAuth && { basicAuth: { username: basicAuth.username, password: secret(basicAuth.password) } }),
    ...(sigv4 && {
      sigv4: {
        region: sigv4.region,
        service: sigv4.service,
        credentials: proven(() =>
          awsCredentials(outsides.env, (path) => readFileAt(path, sigv4.at, outsides), sigv4.at),
        ),
      },
    }),
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    ...(ca && { ca: pem(ca) }),
    ...(cert && { cert: pem(cert) }),
    ...(key && { key: pem(key) }),
    insecureSkipVerify,
    timeoutMs,
  };
}

/** Reads once, so that what is missing is reported before anything is asked of the cluster. */
function proven<T>(read: () => T): () => T {
  read();
  return read;
}

function readOutside(reference: Outside, outsides: Outsides): string {
  if (reference.from === 'env') return variable(reference.name, reference.at, outsides.env);
  return readFileAt(reference.path, reference.at, outsides);
}

function readFileAt(path: string, at: string, { readFile }: Outsides): string {
  let text: string;
  try {
    text = readFile(path);
  } catch (thrown) {
    throw ConfigFileUnreadable.because(thrown, path, at, messageOf(thrown));
  }
  if (text.trim() === '') throw ConfigFileUnreadable.of(path, at, 'it is empty');
  return text;
}

function fillVariables(value: string, at: string, { env }: Outsides): string {
  return value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => variable(name, at, env));
}

/** Empty counts as missing: that is what a workflow passes for a secret that is not set. */
function variable(name: string, at: string, env: Outsides['env']): string {
  const value = env[name];
  if (value === undefined || value.trim() === '') throw ConfigSecretMissing.of(name, at);
  return value;
}
