import { messageOf } from '../model/upgrade-error.ts';
import type { PrometheusAccess } from '../prometheus/access.ts';
import type { Outside, PrometheusSource } from './config.ts';
import { ConfigFileUnreadable, ConfigSecretMissing } from './config-errors.ts';

/** Where the config's references lead. */
export interface Outsides {
  env: Readonly<Record<string, string | undefined>>;
  /** The text of a file; throws when it cannot be read. */
  readFile(path: string): string;
}

/**
 * Fetches the secrets and certificates that the config only names.
 * @throws UpgradeError CONFIG_SECRET_MISSING, CONFIG_FILE_UNREADABLE, with the line of the config that asks for it
 */
export function resolvePrometheusAccess(source: PrometheusSource, outsides: Outsides): PrometheusAccess {
  const { url, bearerToken, basicAuth, ca, cert, key, insecureSkipVerify, timeoutMs } = source;
  const secret = (reference: Outside) => readOutside(reference, outsides).trim();
  const headers = source.headers.map(({ name, value, at }) => [name, fillVariables(value, at, outsides)] as const);
  return {
    url,
    ...(bearerToken && { bearerToken: secret(bearerToken) }),
    ...(basicAuth && { basicAuth: { username: basicAuth.username, password: secret(basicAuth.password) } }),
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    ...(ca && { ca: readOutside(ca, outsides) }),
    ...(cert && { cert: readOutside(cert, outsides) }),
    ...(key && { key: readOutside(key, outsides) }),
    insecureSkipVerify,
    timeoutMs,
  };
}

function readOutside(reference: Outside, { env, readFile }: Outsides): string {
  if (reference.from === 'env') return variable(reference.name, reference.at, env);
  const { path, at } = reference;
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
