import { writeFileSync } from 'node:fs';
import { configJsonSchema } from '../src/config/json-schema.ts';
import { inventoryJsonSchema } from '../src/inventory/inventory-schema.ts';

const files = { 'istio-upgrade': configJsonSchema(), inventory: inventoryJsonSchema() };
for (const [name, content] of Object.entries(files))
  writeFileSync(new URL(`../schema/${name}.schema.json`, import.meta.url), `${JSON.stringify(content, null, 2)}\n`);
