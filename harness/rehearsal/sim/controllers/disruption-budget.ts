import { DisruptionBudgets, Pods } from '../../../../src/ports/kinds.ts';
import type { Condition, Pod, PodDisruptionBudget } from '../../../../src/ports/objects.ts';
import { matchesSelector } from '../api-server/selectors.ts';
import { keyOf } from '../api-server/store.ts';
import { withCondition } from './conditions.ts';
import { type ControllerContext, type OnChange, ReactionMs, splitKey } from './controller.ts';
import { isActive, isReady, resolveCount } from './pods.ts';
import { WorkQueue } from './work-queue.ts';

type Budget = PodDisruptionBudget & { status?: { conditions?: Condition[] } };

/** Says how many pods of a budget may go now. */
export function disruptionBudgetController({ registry, clock, random }: ControllerContext): OnChange {
  const { store } = registry;
  const queue = new WorkQueue(clock, random, { delayMs: ReactionMs }, (key) => {
    const { name, namespace } = splitKey(key);
    const budget = store.get<Budget>(DisruptionBudgets, name, namespace);
    if (!budget) return;
    const { selector, minAvailable, maxUnavailable } = budget.spec;
    const pods = store
      .list<Pod>(Pods, namespace)
      .filter((pod) => isActive(pod) && matchesSelector(selector, pod.metadata.labels));
    const expectedPods = pods.length;
    const currentHealthy = pods.filter(isReady).length;
    const desiredHealthy =
      maxUnavailable === undefined
        ? resolveCount(minAvailable, expectedPods, 'up')
        : Math.max(0, expectedPods - resolveCount(maxUnavailable, expectedPods, 'up'));
    const disruptionsAllowed = Math.max(0, currentHealthy - desiredHealthy);
    registry.writeStatus(DisruptionBudgets, budget.metadata, {
      observedGeneration: budget.metadata.generation ?? 1,
      expectedPods,
      currentHealthy,
      desiredHealthy,
      disruptionsAllowed,
      conditions: withCondition(budget.status?.conditions, allowance(disruptionsAllowed), registry.timestamp()),
    });
  });

  return ({ kind, object, type }) => {
    const { name, namespace, labels } = object.metadata;
    if (kind.plural === DisruptionBudgets.plural && type !== 'DELETED') queue.add(keyOf(name, namespace));
    if (kind.plural !== Pods.plural) return;
    for (const { metadata, spec } of store.list<PodDisruptionBudget>(DisruptionBudgets, namespace)) {
      if (matchesSelector(spec.selector, labels)) queue.add(keyOf(metadata.name, metadata.namespace));
    }
  };
}

function allowance(disruptionsAllowed: number): Condition {
  return disruptionsAllowed > 0
    ? { type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods', message: '' }
    : { type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', message: '' };
}
