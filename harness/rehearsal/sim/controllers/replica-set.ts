import { Pods } from '../../../../src/ports/kinds.ts';
import type { Pod } from '../../../../src/ports/objects.ts';
import { StatusFailure } from '../api-server/status-failure.ts';
import { keyOf } from '../api-server/store.ts';
import { withCondition, withoutCondition } from './conditions.ts';
import { type ControllerContext, type OnChange, ReactionMs, splitKey } from './controller.ts';
import { type ReplicaSet, ReplicaSets } from './kinds.ts';
import { availableInMs, byDispensability, createPod, isActive, isAvailable, isReady, ownedPods } from './pods.ts';
import { WorkQueue } from './work-queue.ts';

/** The real controller starts with one create and doubles, so that a refused pod is not tried a hundred times at once. */
const SlowStartBatch = 1;

/** Keeps as many pods as a ReplicaSet asks for. */
export function replicaSetController({ registry, clock, random }: ControllerContext): OnChange {
  const queue = new WorkQueue(clock, random, { delayMs: ReactionMs }, (key) => {
    const { name, namespace } = splitKey(key);
    const set = registry.store.get<ReplicaSet>(ReplicaSets, name, namespace);
    if (!set || set.metadata.deletionTimestamp) return queue.forget(key);
    const active = ownedPods(registry, set).filter(isActive);
    const missing = set.spec.replicas - active.length;
    const failure = missing > 0 ? createMissing(set, missing) : undefined;
    if (missing < 0) removeSurplus(active, -missing);
    writeStatus(set, failure);
    if (failure) queue.retry(key);
    else queue.forget(key);
    const soonest = active.filter(isReady).map((pod) => availableInMs(pod, set.spec.minReadySeconds, clock.now()));
    const waits = soonest.filter((ms) => ms > 0);
    if (waits.length > 0) queue.addAfter(key, Math.min(...waits));
  });

  const createMissing = (set: ReplicaSet, missing: number): StatusFailure | undefined => {
    const hash = set.metadata.labels?.['pod-template-hash'];
    const labels = hash ? { 'pod-template-hash': hash } : {};
    for (let created = 0, batch = SlowStartBatch; created < missing; batch *= 2) {
      for (const end = Math.min(missing, created + batch); created < end; created++) {
        try {
          createPod(registry, set, set.spec.template, { generateName: `${set.metadata.name}-` }, labels);
        } catch (error) {
          if (error instanceof StatusFailure) return error;
          throw error;
        }
      }
    }
    return undefined;
  };

  const removeSurplus = (active: readonly Pod[], surplus: number) => {
    for (const { metadata } of [...active].sort(byDispensability).slice(0, surplus)) {
      registry.delete(Pods, metadata);
    }
  };

  const writeStatus = (set: ReplicaSet, failure: StatusFailure | undefined) => {
    const pods = ownedPods(registry, set).filter(isActive);
    const conditions = failure
      ? withCondition(
          set.status?.conditions,
          { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: failure.message },
          registry.timestamp(),
        )
      : withoutCondition(set.status?.conditions, 'ReplicaFailure');
    registry.writeStatus(ReplicaSets, set.metadata, {
      replicas: pods.length,
      fullyLabeledReplicas: pods.length,
      readyReplicas: pods.filter(isReady).length,
      availableReplicas: pods.filter((pod) => isAvailable(pod, set.spec.minReadySeconds, clock.now())).length,
      observedGeneration: set.metadata.generation ?? 1,
      ...(conditions.length > 0 ? { conditions } : {}),
    });
  };

  return ({ kind, object, type }) => {
    const { name, namespace, ownerReferences = [] } = object.metadata;
    if (kind.plural === ReplicaSets.plural && type !== 'DELETED') queue.add(keyOf(name, namespace));
    if (kind.plural !== Pods.plural) return;
    for (const owner of ownerReferences) {
      if (owner.kind === 'ReplicaSet') queue.add(keyOf(owner.name, namespace));
    }
  };
}
