import { isDowngrade } from '../model/downgrade.ts';
import type { Plan } from '../model/plan.ts';
import { isOlder } from '../model/releases.ts';
import type { World } from '../model/world.ts';

/**
 * Whether the install must leave the CRDs as they are. `istioctl install` writes the CRDs of its release over newer ones, and then the
 * API server drops every field that the older schema does not know: from its answers at once, so that the newer istiod loses settings
 * that serve traffic now, and from the store at the next write. CRDs of an unknown release count as newer in a downgrade.
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning
 */
export function leavesDefinitions(
  { definitions: { release } }: Pick<World, 'definitions'>,
  { versions }: Pick<Plan, 'versions'>,
): boolean {
  return release === undefined ? isDowngrade(versions) : isOlder(versions.to, release);
}
