import { definitionOf } from '../effects/effects.ts';
import { managersOf } from '../mesh/observe/managers.ts';
import type { Effect } from '../model/effect.ts';
import { type Problem, problemOf } from '../model/finding.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import { restarted } from './attempts.ts';
import { EffectUndone } from './engine-errors.ts';

/** Names those that have written the object since: one of them undid the effect, and would do it again. */
export async function describeUndone(cluster: Cluster, effect: Effect): Promise<Problem> {
  const definition = definitionOf(effect);
  const written = definition.object?.(effect);
  const object =
    written === undefined
      ? undefined
      : await cluster.get(written.resource, written.target.name, written.target.namespace);
  const managers = object === undefined ? [] : managersOf(object);
  return problemOf(EffectUndone.of(definition.describe(effect), managers, restarted(effect)));
}
