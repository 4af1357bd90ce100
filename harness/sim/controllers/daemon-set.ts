import { DaemonSets, Nodes, Pods } from '../../../src/kubernetes/kinds.ts';
import type { KubernetesObject, Pod, WorkloadObject } from '../../../src/kubernetes/objects.ts';
import { StatusFailure } from '../api-server/status-failure.ts';
import { keyOf } from '../api-server/store.ts';
import { type ControllerContext, type OnChange, ReactionMs, splitKey } from './controller.ts';
import { createPod, isAvailable, isReady, ownedPods, resolveCount } from './pods.ts';
import { RevisionLabel, rememberTemplate } from './revision-history.ts';
import { WorkQueue } from './work-queue.ts';

/** One pod a node; an update takes old pods away, so many at a time. maxSurge is not simulated. */
export function daemonSetController({ registry, clock, random }: ControllerContext): OnChange {
  const queue = new WorkQueue(clock, random, { delayMs: ReactionMs }, (key) => {
    const { name, namespace } = splitKey(key);
    const set = registry.store.get<WorkloadObject>(DaemonSets, name, namespace);
    if (!set || set.metadata.deletionTimestamp) return queue.forget(key);
    const hash = rememberTemplate(registry, set);
    const nodes = registry.store.list<KubernetesObject>(Nodes).map(({ metadata }) => metadata.name);
    const failure = fillNodes(set, hash, nodes);
    update(set, hash, nodes);
    writeStatus(set, hash, nodes);
    if (failure) queue.retry(key);
    else queue.forget(key);
  });

  const podsOf = (set: WorkloadObject) =>
    ownedPods(registry, set).filter(({ metadata }) => !metadata.deletionTimestamp);

  const fillNodes = (set: WorkloadObject, hash: string, nodes: readonly string[]): StatusFailure | undefined => {
    // A node is free only when its old pod is gone altogether.
    const taken = new Set(ownedPods(registry, set).map(({ spec }) => spec.nodeName));
    const labels = { [RevisionLabel]: hash, 'pod-template-generation': String(set.metadata.generation ?? 1) };
    for (const node of nodes.filter((candidate) => !taken.has(candidate))) {
      const template = { ...set.spec.template, spec: { ...set.spec.template.spec, nodeName: node } };
      try {
        createPod(registry, set, template, { generateName: `${set.metadata.name}-` }, labels);
      } catch (error) {
        if (error instanceof StatusFailure) return error;
        throw error;
      }
    }
    return undefined;
  };

  const update = (set: WorkloadObject, hash: string, nodes: readonly string[]) => {
    const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
    if (type === 'OnDelete') return;
    if (resolveCount(rollingUpdate?.maxSurge, nodes.length, 'up') > 0) {
      throw new Error(`not simulated: maxSurge of DaemonSet ${set.metadata.namespace}/${set.metadata.name}`);
    }
    const pods = podsOf(set);
    const isUp = (pod: Pod) => isAvailable(pod, set.spec.minReadySeconds, clock.now());
    const old = pods.filter((pod) => pod.metadata.labels?.[RevisionLabel] !== hash);
    for (const pod of old.filter((candidate) => !isUp(candidate))) registry.delete(Pods, pod.metadata);
    const allowed = Math.max(1, resolveCount(rollingUpdate?.maxUnavailable, nodes.length, 'up'));
    const unavailable = nodes.length - pods.filter(isUp).length;
    for (const pod of old.filter(isUp).slice(0, Math.max(0, allowed - unavailable)))
      registry.delete(Pods, pod.metadata);
  };

  const writeStatus = (set: WorkloadObject, hash: string, nodes: readonly string[]) => {
    const pods = podsOf(set);
    const available = pods.filter((pod) => isAvailable(pod, set.spec.minReadySeconds, clock.now())).length;
    registry.writeStatus(DaemonSets, set.metadata, {
      observedGeneration: set.metadata.generation ?? 1,
      desiredNumberScheduled: nodes.length,
      currentNumberScheduled: pods.length,
      updatedNumberScheduled: pods.filter(({ metadata }) => metadata.labels?.[RevisionLabel] === hash).length,
      numberReady: pods.filter(isReady).length,
      numberAvailable: available,
      numberMisscheduled: 0,
      ...(nodes.length > available ? { numberUnavailable: nodes.length - available } : {}),
    });
  };

  return ({ kind, object, type }) => {
    const { name, namespace, ownerReferences = [] } = object.metadata;
    if (kind.plural === DaemonSets.plural && type !== 'DELETED') queue.add(keyOf(name, namespace));
    if (kind.plural === Nodes.plural && type !== 'MODIFIED') {
      for (const { metadata } of registry.store.list<WorkloadObject>(DaemonSets)) {
        queue.add(keyOf(metadata.name, metadata.namespace));
      }
    }
    if (kind.plural !== Pods.plural) return;
    for (const owner of ownerReferences) if (owner.kind === 'DaemonSet') queue.add(keyOf(owner.name, namespace));
  };
}
