import { istiodObjects } from '../mesh/istiod-objects.ts';
import type { Cluster, Kind, Target } from '../ports/kubernetes.ts';
import type { EffectDefinition } from './effect-definition.ts';

/** Deletes one object that an interrupted uninstall left. */
export const removeLeftover: EffectDefinition<'remove-leftover'> = {
  describe: ({ object }) => `remove ${object.kind} ${object.name}, which an interrupted uninstall left`,
  isNote: false,
  journalled: {},
  leavesValid: [],
  perform: async ({ object: { kind, name, namespace } }, { cluster }) => {
    const resource = istiodObjects.find((known) => known.resource.kind === kind)?.resource;
    if (resource === undefined) throw new Error(`no leftover of kind ${kind} is known`);
    await remove(cluster, resource, { name, ...(namespace === undefined ? {} : { namespace }) });
  },
};

/** An object that is already gone counts as removed. */
async function remove(cluster: Cluster, resource: Kind, target: Target): Promise<void> {
  try {
    await cluster.delete(resource, target);
  } catch (failure) {
    if ((await cluster.get(resource, target.name, target.namespace)) !== undefined) throw failure;
  }
}
