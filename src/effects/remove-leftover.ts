import { istiodObjects } from '../mesh/istiod-objects.ts';
import type { EffectDefinition } from './effect-definition.ts';
import { removeObject } from './remove-object.ts';

/** Deletes one object that an interrupted uninstall left. */
export const removeLeftover: EffectDefinition<'remove-leftover'> = {
  describe: ({ object }) => `remove ${object.kind} ${object.name}, which an interrupted uninstall left`,
  isNote: false,
  journalled: {},
  leavesValid: [],
  perform: async ({ object: { kind, name, namespace } }, { cluster }) => {
    const resource = istiodObjects.find((known) => known.resource.kind === kind)?.resource;
    if (resource === undefined) throw new Error(`no leftover of kind ${kind} is known`);
    await removeObject(cluster, resource, { name, ...(namespace === undefined ? {} : { namespace }) });
  },
};
