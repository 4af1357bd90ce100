import { managersOf } from '../mesh/observe/managers.ts';
import { describeEffect, type Effect } from '../model/effect.ts';
import { type Problem, problem } from '../model/finding.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import { definitionOf } from '../workloads/workloads.ts';
import { EffectUndone } from './engine-errors.ts';

/** Names those who have written the object since: one of them undid what we did, and would again. */
export async function describeUndone(cluster: Cluster, effect: Effect): Promise<Problem> {
  const { code, message, hint } = EffectUndone.of(describeEffect(effect), await writersOf(cluster, effect));
  return problem(code, message, hint);
}

async function writersOf(cluster: Cluster, effect: Effect): Promise<readonly string[]> {
  if (effect.kind !== 'restart-workload') return [];
  const { kind, name, namespace } = effect.workload;
  const object = await cluster.get(definitionOf(kind).resource, name, namespace);
  return object === undefined ? [] : managersOf(object);
}
