import * as z from 'zod';
import { configSchema } from './schema.ts';

/** The part of JSON Schema that the config's schema uses. */
export interface SchemaNode {
  type?: string;
  properties?: Record<string, SchemaNode>;
  required?: string[];
  items?: SchemaNode;
  anyOf?: SchemaNode[];
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  examples?: unknown[];
  description?: string;
}

/** What editors and `check-jsonschema` read: the config as it may be written. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(configSchema, { io: 'input' });
  return { $schema, title: 'istio-upgrade.yaml', ...rest };
}

/** The description of the value at a path; `undefined` where the schema knows none. */
export function schemaAt(path: readonly PropertyKey[]): SchemaNode | undefined {
  let nodes: SchemaNode[] = [configJsonSchema() as SchemaNode];
  for (const key of path) {
    nodes = nodes
      .flatMap((node) => [node, ...(node.anyOf ?? [])])
      .flatMap((node) => (typeof key === 'number' ? node.items : node.properties?.[String(key)]) ?? []);
  }
  return nodes[0];
}

/** The keys that an object at a path may have. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const node = schemaAt(path);
  return [node, ...(node?.anyOf ?? [])].flatMap((candidate) => Object.keys(candidate?.properties ?? {}));
}
