import { stringify } from 'yaml';
import { withTypes } from './apply.ts';
import type { Manifested } from './manifest.ts';

/** An object as Go's serializer writes it: keys in order, lists not indented, and of a Service the zeros of its type. */
export function goYaml(entry: Manifested): string {
  const object = withTypes(entry);
  const whole = entry.kind.kind === 'Service' ? withZeros(object) : object;
  const { apiVersion, kind, ...rest } = whole as unknown as Record<string, unknown>;
  const options = { sortMapEntries: true, indentSeq: false };
  // Go quotes a star once, what could be no text twice.
  return stringify({ apiVersion, kind }) + stringify(rest, options).replaceAll('"*"', "'*'");
}

function withZeros(service: object): object {
  const { spec, ...rest } = service as { spec: { ports: object[] } };
  const ports = spec.ports.map((port) => ({ targetPort: 0, ...port }));
  return { ...rest, spec: { ...spec, ports }, status: { loadBalancer: {} } };
}
