import { Pods, StatefulSets } from '../../../../src/ports/kinds.ts';
import type { Pod, PodSpec } from '../../../../src/ports/objects.ts';
import { StatusFailure } from '../api-server/status-failure.ts';
import { keyOf } from '../api-server/store.ts';
import { type ControllerContext, type OnChange, ReactionMs, splitKey } from './controller.ts';
import type { StatefulSet } from './kinds.ts';
import { availableInMs, createPod, isAvailable, isReady, ownedPods } from './pods.ts';
import { RevisionLabel, recallTemplate, rememberTemplate } from './revision-history.ts';
import { WorkQueue } from './work-queue.ts';

/** Pods with fixed names, one after the other: created upwards, updated downwards to the partition. */
export function statefulSetController({ registry, clock, random }: ControllerContext): OnChange {
  const queue = new WorkQueue(clock, random, { delayMs: ReactionMs }, (key) => {
    const { name, namespace } = splitKey(key);
    const set = registry.store.get<StatefulSet>(StatefulSets, name, namespace);
    if (!set || set.metadata.deletionTimestamp) return queue.forget(key);
    const update = rememberTemplate(registry, set);
    const current = set.status?.currentRevision?.slice(`${name}-`.length) ?? update;
    // What is done now is counted in the next pass, which the pods wake.
    writeStatus(set, current, update);
    const failure = act(set, current, update);
    if (failure) queue.retry(key);
    else queue.forget(key);
    const waits = ownedPods(registry, set)
      .filter(isReady)
      .map((pod) => availableInMs(pod, set.spec.minReadySeconds, clock.now()))
      .filter((ms) => ms > 0);
    if (waits.length > 0) queue.addAfter(key, Math.min(...waits));
  });

  const act = (set: StatefulSet, current: string, update: string): StatusFailure | undefined => {
    const pods = new Map(ownedPods(registry, set).map((pod) => [ordinalOf(pod), pod]));
    const replicas = set.spec.replicas ?? 1;
    const isOrdered = set.spec.podManagementPolicy !== 'Parallel';
    const isHealthy = (pod: Pod | undefined) =>
      pod !== undefined && !pod.metadata.deletionTimestamp && isAvailable(pod, set.spec.minReadySeconds, clock.now());

    for (let ordinal = 0; ordinal < replicas; ordinal++) {
      const pod = pods.get(ordinal);
      if (!pod) {
        const failure = create(set, ordinal, ordinal >= partitionOf(set) ? update : current);
        if (failure) return failure;
      }
      if (isOrdered && !isHealthy(pod)) return undefined;
    }
    const surplus = [...pods.keys()].filter((ordinal) => ordinal >= replicas).sort((a, b) => b - a);
    for (const ordinal of isOrdered ? surplus.slice(0, 1) : surplus) remove(pods.get(ordinal));
    if (surplus.length > 0 || set.spec.updateStrategy?.type === 'OnDelete') return undefined;

    for (let ordinal = replicas - 1; ordinal >= partitionOf(set); ordinal--) {
      const pod = pods.get(ordinal);
      if (pod && revisionOf(pod) !== update) {
        remove(pod);
        return undefined;
      }
      if (!isHealthy(pod)) return undefined;
    }
    return undefined;
  };

  const create = (set: StatefulSet, ordinal: number, hash: string): StatusFailure | undefined => {
    const name = `${set.metadata.name}-${ordinal}`;
    const labels = {
      'apps.kubernetes.io/pod-index': String(ordinal),
      [RevisionLabel]: `${set.metadata.name}-${hash}`,
      'statefulset.kubernetes.io/pod-name': name,
    };
    try {
      const template = recallTemplate(registry, set, hash);
      const spec = {
        ...template.spec,
        ...claimVolumes(set, template.spec, name),
        hostname: name,
        subdomain: set.spec.serviceName ?? '',
      };
      createPod(registry, set, { ...template, spec }, { name }, labels);
      return undefined;
    } catch (error) {
      if (error instanceof StatusFailure) return error;
      throw error;
    }
  };

  const remove = (pod: Pod | undefined) => {
    if (pod && !pod.metadata.deletionTimestamp) registry.delete(Pods, pod.metadata);
  };

  const writeStatus = (set: StatefulSet, current: string, update: string) => {
    const { name } = set.metadata;
    const pods = ownedPods(registry, set).filter(({ metadata }) => !metadata.deletionTimestamp);
    const count = (hash: string) => pods.filter((pod) => revisionOf(pod) === hash).length;
    const replicas = set.spec.replicas ?? 1;
    const isDone = partitionOf(set) === 0 && count(update) === replicas && pods.filter(isReady).length === replicas;
    const currentHash = isDone ? update : current;
    registry.writeStatus(StatefulSets, set.metadata, {
      observedGeneration: set.metadata.generation ?? 1,
      replicas: pods.length,
      readyReplicas: pods.filter(isReady).length,
      availableReplicas: pods.filter((pod) => isAvailable(pod, set.spec.minReadySeconds, clock.now())).length,
      currentReplicas: count(currentHash),
      updatedReplicas: count(update),
      currentRevision: `${name}-${currentHash}`,
      updateRevision: `${name}-${update}`,
      collisionCount: 0,
    });
  };

  return ({ kind, object, type }) => {
    const { name, namespace, ownerReferences = [] } = object.metadata;
    if (kind.plural === StatefulSets.plural && type !== 'DELETED') queue.add(keyOf(name, namespace));
    if (kind.plural !== Pods.plural) return;
    for (const owner of ownerReferences) if (owner.kind === 'StatefulSet') queue.add(keyOf(owner.name, namespace));
  };
}

/** The claims themselves are not simulated: a pod starts without them. */
function claimVolumes(
  { spec: { volumeClaimTemplates = [] } }: StatefulSet,
  { volumes = [] }: PodSpec,
  pod: string,
): Pick<PodSpec, 'volumes'> {
  if (volumeClaimTemplates.length === 0) return {};
  const claims = volumeClaimTemplates.map(({ metadata: { name } }) => ({
    name,
    persistentVolumeClaim: { claimName: `${name}-${pod}` },
  }));
  return { volumes: [...volumes.filter(({ name }) => !claims.some((claim) => claim.name === name)), ...claims] };
}

function ordinalOf({ metadata }: Pod): number {
  return Number(metadata.name.slice(metadata.name.lastIndexOf('-') + 1));
}

function revisionOf({ metadata }: Pod): string {
  const label = metadata.labels?.[RevisionLabel] ?? '';
  return label.slice(label.lastIndexOf('-') + 1);
}

function partitionOf({ spec }: StatefulSet): number {
  return spec.updateStrategy?.rollingUpdate?.partition ?? 0;
}
