/** `npm run schema`: the JSON Schemas of the files that people write, for their editors. */
import { writeFileSync } from 'node:fs';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { inventoryJsonSchema } from '../../src/inventory/inventory-schema.ts';
import { scenarioJsonSchema } from '../rehearsal/model/scenario-schema.ts';

const files = {
  'istio-upgrade': configJsonSchema(),
  inventory: inventoryJsonSchema(),
  scenario: scenarioJsonSchema(),
};
for (const [name, content] of Object.entries(files))
  writeFileSync(new URL(`../../schema/${name}.schema.json`, import.meta.url), `${JSON.stringify(content, null, 2)}\n`);
