import { readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { parse } from 'yaml';
import { ConfigFileUnreadable } from '../config/config-errors.ts';
import { messageOf } from '../model/upgrade-error.ts';
import type { Environment } from './environment.ts';
import { PrometheusSecretUnused } from './input-errors.ts';
import { configFile, type Inputs, isKubeconfigText, needsConfig } from './inputs.ts';

/** Keys of the users of a kubeconfig whose values are credentials. */
const secretKeys = /^(token|password|client-key-data|id-token|refresh-token|access-token|client-secret)$/;

/** What must never appear in the log: the secrets for Prometheus and those of the kubeconfig. Short values are left out: they are not secrets, and would mask half of the log. */
export function secretsIn(inputs: Inputs, env: Environment): readonly string[] {
  const named = inputs.kubeconfig ?? env['KUBECONFIG'] ?? '';
  const kubeconfigs = isKubeconfigText(named) ? [named] : named.split(delimiter).filter(Boolean).map(readOrNothing);
  const own = [
    inputs['prometheus-token'],
    inputs['prometheus-password'],
    inputs['github-token'],
    inputs['notify-url'],
    inputs['notify-token'],
  ];
  const all = [...own, ...kubeconfigs.flatMap(secretsOfKubeconfig)];
  return [...new Set(all.filter((value): value is string => value !== undefined && value.trim().length >= 6))];
}

/** A file that cannot be read is reported where it is needed. */
function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function secretsOfKubeconfig(text: string): string[] {
  try {
    return secretValues(parse(text));
  } catch {
    // Not YAML: it is refused later, with a message that shows nothing of its content.
    return [];
  }
}

function secretValues(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'string' ? (secretKeys.test(key) ? [inner] : []) : secretValues(inner),
  );
}

/**
 * A secret that the config does not read is a mistake, in the inputs or in the config. It is reported now, and not later as a
 * query that Prometheus refuses. Commands that judge nothing read no secret.
 * @throws PROMETHEUS_SECRET_UNUSED, CONFIG_FILE_UNREADABLE
 */
export function expectSecretsAreUsed(inputs: Inputs): void {
  if (!needsConfig(inputs)) return;
  const config = configFile(inputs);
  const secrets = { 'prometheus-token': 'PROMETHEUS_TOKEN', 'prometheus-password': 'PROMETHEUS_PASSWORD' } as const;
  for (const [input, variable] of Object.entries(secrets)) {
    if (inputs[input as keyof typeof secrets] === undefined) continue;
    if (config !== undefined && !textOf(config).includes(variable))
      throw PrometheusSecretUnused.of(input, variable, config);
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (failure) {
    throw ConfigFileUnreadable.because(failure, file, 'input config', messageOf(failure));
  }
}
