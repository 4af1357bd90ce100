import type { Inventory } from '../../../src/inventory/inventory-schema.ts';

/** An inventory that the simulator cannot be loaded with. */
export class InventoryUnfit extends Error {
  override readonly name = 'InventoryUnfit';
}

/**
 * The control plane from which an upgrade would start: the one that the tag names.
 * @throws InventoryUnfit when there is none, or it is not one that could be rehearsed
 */
export function originOf({ tags, tag, controlPlanes, istioNamespace }: Inventory): {
  version: string;
  revision: string;
} {
  if (istioNamespace !== 'istio-system')
    throw new InventoryUnfit(`istiod runs in ${istioNamespace}; the simulator has it in istio-system only`);
  const revision = tags.find(({ name }) => name === tag)?.revision ?? undefined;
  if (revision === undefined) throw new InventoryUnfit(`the inventory has no tag ${tag} that names one revision`);
  const version = controlPlanes.find((each) => each.revision === revision)?.version ?? undefined;
  if (version === undefined)
    throw new InventoryUnfit(`tag ${tag} names ${revision}, of which the inventory knows no version`);
  return { version, revision };
}
