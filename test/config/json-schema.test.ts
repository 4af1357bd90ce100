import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configJsonSchema, type SchemaNode } from '../../src/config/json-schema.ts';

describe('the committed JSON Schema', () => {
  it('is what the source defines (npm run schema writes it)', () => {
    const file = new URL('../../schema/istio-upgrade.schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(configJsonSchema());
  });

  it('documents every field', () => {
    const silent = (node: SchemaNode, path: string): string[] => [
      ...Object.entries(node.properties ?? {}).flatMap(([key, field]) => [
        ...(field.description === undefined ? [`${path}.${key}`] : []),
        ...silent(field, `${path}.${key}`),
      ]),
      ...(node.items === undefined ? [] : silent(node.items, `${path}[]`)),
      ...(node.anyOf ?? []).flatMap((alternative) => silent(alternative, path)),
    ];
    expect(silent(configJsonSchema() as SchemaNode, '')).toEqual([]);
  });
});
