import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { type Inventory, inventorySchema } from '../../../src/inventory/inventory-schema.ts';
import { messageOf } from '../../../src/model/upgrade-error.ts';
import { InventoryUnfit } from './origin.ts';

/** @throws InventoryUnfit with everything that is wrong with the file */
export function readInventory(file: string): Inventory {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (failure) {
    throw new InventoryUnfit(`${file} cannot be read as JSON: ${messageOf(failure)}`);
  }
  const parsed = inventorySchema.safeParse(value);
  if (!parsed.success) throw new InventoryUnfit(`${file} is no inventory:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
