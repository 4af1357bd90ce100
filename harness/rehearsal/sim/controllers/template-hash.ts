import type { PodTemplate } from '../../../../src/ports/objects.ts';
import { fnv32a, safeEncode } from '../random.ts';

/** As `pod-template-hash` and `controller-revision-hash` look: `6d759c6695`. Key order does not matter. */
export function templateHash(template: PodTemplate): string {
  return safeEncode(String(fnv32a(canonical(template))));
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, child]) => `${JSON.stringify(key)}:${canonical(child)}`)
    .join(',')}}`;
}
