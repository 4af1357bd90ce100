import { readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { parse } from 'yaml';
import type { Environment } from './environment.ts';
import type { Inputs } from './inputs.ts';

/** Keys of a kubeconfig's users whose values open something. */
const secretKeys = /^(token|password|client-key-data|id-token|refresh-token|access-token|client-secret)$/;

/** What must never appear in the log: the Prometheus secrets, and what stands in the kubeconfig. Short values are no secrets, and would mask half of the log. */
export function secretsIn(inputs: Inputs, env: Environment): readonly string[] {
  const kubeconfigs = (inputs.kubeconfig ?? env['KUBECONFIG'] ?? '').includes('\n')
    ? [inputs.kubeconfig ?? '']
    : (inputs.kubeconfig ?? env['KUBECONFIG'] ?? '').split(delimiter).filter(Boolean).map(readOrNothing);
  const all = [inputs['prometheus-token'], inputs['prometheus-password'], ...kubeconfigs.flatMap(secretsOfKubeconfig)];
  return [...new Set(all.filter((value): value is string => value !== undefined && value.trim().length >= 6))];
}

/** A file that cannot be read is complained about where it is needed. */
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
    // No YAML: what is in it is refused later, and its message names no content.
    return [];
  }
}

function secretValues(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'string' ? (secretKeys.test(key) ? [inner] : []) : secretValues(inner),
  );
}
