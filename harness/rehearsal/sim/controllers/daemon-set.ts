import { DaemonSets, Nodes, Pods } from '../../../../src/ports/kinds.ts';
import type { Pod, WorkloadObject } from '../../../../src/ports/objects.ts';
import { StatusFailure } from '../api-server/status-failure.ts';
import { keyOf } from '../api-server/store.ts';
import { type ControllerContext, type OnChange, ReactionMs, splitKey } from './controller.ts';
import { nodesFor } from './nodes.ts';
import { availableInMs, createPod, isAvailable, isReady, ownedPods, resolveCount } from './pods.ts';
import { RevisionLabel, rememberTemplate } from './revision-history.ts';
import { WorkQueue } from './work-queue.ts';

/** One pod a node; an update takes old pods away, so many at a time, or with surge puts new ones beside them. */
export function daemonSetController({ registry, clock, random }: ControllerContext): OnChange {
  const queue = new WorkQueue(clock, random, { delayMs: ReactionMs }, (key) => {
    const { name, namespace } = splitKey(key);
    const set = registry.store.get<WorkloadObject>(DaemonSets, name, namespace);
    if (!set || set.metadata.deletionTimestamp) return queue.forget(key);
    const hash = rememberTemplate(registry, set);
    const nodes = nodesFor(registry, set.spec.template.spec);
    const failure = fillNodes(set, hash, nodes) ?? update(set, hash, nodes);
    writeStatus(set, hash, nodes);
    if (failure) queue.retry(key);
    else queue.forget(key);
    const waits = podsOf(set)
      .filter(isReady)
      .map((pod) => availableInMs(pod, set.spec.minReadySeconds, clock.now()))
      .filter((ms) => ms > 0);
    if (waits.length > 0) queue.addAfter(key, Math.min(...waits));
  });

  const podsOf = (set: WorkloadObject) =>
    ownedPods(registry, set).filter(({ metadata }) => !metadata.deletionTimestamp);

  const isUp = (set: WorkloadObject, pod: Pod) => isAvailable(pod, set.spec.minReadySeconds, clock.now());
  const isOld = (pod: Pod, hash: string) => pod.metadata.labels?.[RevisionLabel] !== hash;

  const fillNodes = (set: WorkloadObject, hash: string, nodes: readonly string[]): StatusFailure | undefined => {
    // A node is free only when its old pod is gone altogether.
    const taken = new Set(ownedPods(registry, set).map(({ spec }) => spec.nodeName));
    return createOn(
      set,
      hash,
      nodes.filter((candidate) => !taken.has(candidate)),
    );
  };

  const createOn = (set: WorkloadObject, hash: string, nodes: readonly string[]): StatusFailure | undefined => {
    const labels = { [RevisionLabel]: hash, 'pod-template-generation': String(set.metadata.generation ?? 1) };
    for (const node of nodes) {
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

  const update = (set: WorkloadObject, hash: string, nodes: readonly string[]): StatusFailure | undefined => {
    const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
    if (type === 'OnDelete') return undefined;
    const surge = resolveCount(rollingUpdate?.maxSurge, nodes.length, 'up');
    if (surge > 0) return updateBySurge(set, hash, nodes, surge);
    const pods = podsOf(set);
    const old = pods.filter((pod) => isOld(pod, hash));
    for (const pod of old.filter((candidate) => !isUp(set, candidate))) registry.delete(Pods, pod.metadata);
    const allowed = Math.max(1, resolveCount(rollingUpdate?.maxUnavailable, nodes.length, 'up'));
    const unavailable = nodes.length - pods.filter((pod) => isUp(set, pod)).length;
    const spare = Math.max(0, allowed - unavailable);
    for (const pod of old.filter((candidate) => isUp(set, candidate)).slice(0, spare)) {
      registry.delete(Pods, pod.metadata);
    }
    return undefined;
  };

  /** The new pod comes up beside the old one, which goes when the new one is available. */
  const updateBySurge = (
    set: WorkloadObject,
    hash: string,
    nodes: readonly string[],
    surge: number,
  ): StatusFailure | undefined => {
    const byNode = Map.groupBy(podsOf(set), ({ spec }) => spec.nodeName ?? '');
    const onNode = (node: string, wantsOld: boolean) => byNode.get(node)?.find((pod) => isOld(pod, hash) === wantsOld);
    const outdated = nodes.filter((node) => onNode(node, true));
    for (const node of outdated) {
      const [fresh, old] = [onNode(node, false), onNode(node, true)];
      if (old && fresh && isUp(set, fresh)) registry.delete(Pods, old.metadata);
    }
    const underWay = outdated.filter((node) => onNode(node, false)).length;
    const waiting = outdated.filter((node) => !onNode(node, false));
    return createOn(set, hash, waiting.slice(0, Math.max(0, surge - underWay)));
  };

  const writeStatus = (set: WorkloadObject, hash: string, nodes: readonly string[]) => {
    // While two are on a node, the old one stands for it.
    const byNode = Map.groupBy(podsOf(set), ({ spec }) => spec.nodeName ?? '');
    const pods = [...byNode.values()].flatMap((its) => its.find((pod) => isOld(pod, hash)) ?? its.slice(0, 1));
    const available = pods.filter((pod) => isUp(set, pod)).length;
    registry.writeStatus(DaemonSets, set.metadata, {
      observedGeneration: set.metadata.generation ?? 1,
      desiredNumberScheduled: nodes.length,
      currentNumberScheduled: pods.length,
      updatedNumberScheduled: pods.filter((pod) => !isOld(pod, hash)).length,
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
