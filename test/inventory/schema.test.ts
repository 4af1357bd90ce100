import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SchemaNode } from '../../src/config/json-schema.ts';
import { inventoryJsonSchema } from '../../src/inventory/inventory-schema.ts';

describe('the committed JSON Schema of inventories', () => {
  it('is what the source gives (npm run schema writes it)', () => {
    const file = new URL('../../schema/inventory.schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(inventoryJsonSchema());
  });

  it('documents every field but those of maps', () => {
    const silent = (node: SchemaNode, path: string): string[] => [
      ...Object.entries(node.properties ?? {}).flatMap(([key, field]) => [
        ...(field.description === undefined ? [`${path}.${key}`] : []),
        ...silent(field, `${path}.${key}`),
      ]),
      ...(node.items === undefined ? [] : silent(node.items, `${path}[]`)),
      ...(node.anyOf ?? []).flatMap((alternative) => silent(alternative, path)),
    ];
    expect(silent(inventoryJsonSchema() as SchemaNode, '')).toEqual([]);
  });
});
