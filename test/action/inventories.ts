import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Inventory, inventorySchema } from '../../src/inventory/inventory-schema.ts';
import { actionFolder } from './acting.ts';

/** The seed mesh as `export` writes it down: what the examples rehearse. */
export const exampleInventory = (): Inventory =>
  inventorySchema.parse(JSON.parse(readFileSync(join(actionFolder, 'examples/inventory.json'), 'utf8')));
