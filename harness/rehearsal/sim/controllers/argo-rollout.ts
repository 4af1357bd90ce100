import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import { ArgoRollouts, CustomResourceDefinitions, Deployments } from '../../../../src/ports/kinds.ts';
import type { PodTemplate, WorkloadObject } from '../../../../src/ports/objects.ts';
import { evict } from '../api-server/eviction.ts';
import type { Registry } from '../api-server/registry.ts';
import type { CustomResourceDefinition } from '../api-server/resources.ts';
import { StatusFailure } from '../api-server/status-failure.ts';
import { keyOf } from '../api-server/store.ts';
import { argoRolloutStatus } from './argo-rollout-status.ts';
import { type ControllerContext, type OnChange, ReactionMs, splitKey } from './controller.ts';
import { type ArgoRollout, type ReplicaSet, ReplicaSets } from './kinds.ts';
import { controllerReference, isActive, isAvailable, ownedPods, resolveCount } from './pods.ts';
import { templateHash } from './template-hash.ts';
import { WorkQueue } from './work-queue.ts';

const rolloutHashLabel = 'rollouts-pod-template-hash';

/** `restartPodCheckTime`: an eviction that was refused, or a pod that is still ending, is looked at again after this. */
const restartCheckMs = 30_000;
/** A spec that is invalid is looked at again after this, since what it refers to may come later. */
const invalidSpecMs = 20_000;

/** The definition of `argoproj.io`; Rollouts are created and rolled once it is there. */
export function installArgoRollouts(registry: Registry): void {
  if (isServed(registry)) return;
  registry.create<CustomResourceDefinition>(
    CustomResourceDefinitions,
    {
      metadata: { name: 'rollouts.argoproj.io' },
      spec: {
        group: 'argoproj.io',
        scope: 'Namespaced',
        names: { plural: 'rollouts', kind: 'Rollout', singular: 'rollout' },
        versions: [{ name: 'v1alpha1', served: true, storage: true, subresources: { status: {} } }],
      },
    },
    { manager: 'kubectl' },
  );
}

/**
 * Rolls and restarts Rollouts as argo-rollouts v1.9.1 does (rollout/{canary,bluegreen,restart,sync}.go). An update is rolled over
 * without steps, or waits at a first step `pause: {}`; other steps, traffic routing and analysis are not simulated.
 */
export function argoRolloutController({ registry, clock, random }: ControllerContext): OnChange {
  const queue = new WorkQueue(clock, random, { delayMs: ReactionMs }, (key) => {
    const { name, namespace } = splitKey(key);
    const found = registry.store.get<ArgoRollout>(ArgoRollouts, name, namespace);
    if (!found || found.metadata.deletionTimestamp) return;
    const template = templateOf(registry, found);
    if (template === undefined) {
      writeInvalid(found);
      return queue.addAfter(key, invalidSpecMs);
    }
    // For autoscalers the controller writes the default into the spec.
    if (found.spec.replicas === undefined)
      return void registry.edit<ArgoRollout>(ArgoRollouts, found.metadata, (live) => ({
        ...live,
        spec: { ...live.spec, replicas: 1 },
      }));
    reconcile(key, found, template);
  });

  const reconcile = (key: string, rollout: ArgoRollout, template: PodTemplate) => {
    const hash = templateHash(template);
    const own = () => registry.store.owned<ReplicaSet>(ReplicaSets, rollout.metadata.uid ?? '');
    const current = own().find((set) => hashOf(set) === hash) ?? createReplicaSet(rollout, template, hash);
    const stable = own().find((set) => hashOf(set) === rollout.status?.stableRS);
    // A change of the template calls a restart off: resetRolloutStatus.
    const changed = rollout.status?.currentPodHash !== undefined && rollout.status.currentPodHash !== hash;
    const restart = changed
      ? { evicted: 0, restartedAt: rollout.spec.restartAt }
      : restartPods(key, rollout, byPriority(own(), stable, current));
    // Counts that do not know of the evicted pods must not decide about scaling; blue-green does not wait for them.
    if (restart.evicted > 0 && !rollout.spec.strategy?.blueGreen) return;
    scaleSets(rollout, current, stable, own());
    const { status, checkAgainMs } = argoRolloutStatus(
      rollout,
      { current: own().find((set) => hashOf(set) === hash) ?? current, hash, sets: own() },
      { restartedAt: restart.restartedAt, isWaiting: waitsAtStep(rollout, current, stable) },
      registry.timestamp(),
      clock.now(),
    );
    registry.writeStatus(ArgoRollouts, rollout.metadata, status);
    if (checkAgainMs !== undefined) queue.addAfter(key, checkAgainMs);
    scaleReferenced(rollout, status);
  };

  const createReplicaSet = ({ metadata, spec, ...rollout }: ArgoRollout, template: PodTemplate, hash: string) => {
    const labels = { ...template.metadata?.labels, [rolloutHashLabel]: hash };
    const selector = spec.selector ?? { matchLabels: { ...template.metadata?.labels } };
    return registry.create<ReplicaSet>(ReplicaSets, {
      metadata: {
        name: `${metadata.name}-${hash}`,
        namespace: metadata.namespace ?? '',
        labels,
        ownerReferences: [controllerReference({ ...rollout, metadata })],
      },
      spec: {
        replicas: 0,
        selector: { ...selector, matchLabels: { ...selector.matchLabels, [rolloutHashLabel]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
        ...(spec.minReadySeconds ? { minReadySeconds: spec.minReadySeconds } : {}),
      },
    });
  };

  /** Evicts pods that were created before the restart's moment, as far as availability and budgets allow. */
  const restartPods = (key: string, { spec, status }: ArgoRollout, sets: readonly ReplicaSet[]) => {
    const done = { evicted: 0, restartedAt: status?.restartedAt };
    const { restartAt } = spec;
    if (restartAt == null || restartAt === status?.restartedAt) return done;
    const at = Date.parse(restartAt);
    if (clock.now() <= at) {
      queue.addAfter(key, at - clock.now() + 1);
      return done;
    }
    const pods = sets.flatMap((set) => ownedPods(registry, set));
    const replicas = Math.max(spec.replicas ?? 1, sumOf(sets));
    const atOnce = Math.max(1, maxUnavailableOf(spec));
    const available = pods.filter((pod) => isActive(pod) && isAvailable(pod, spec.minReadySeconds, clock.now()));
    let allowed = available.length - (replicas - atOnce);
    let evicted = 0;
    const older = pods.filter(({ metadata }) => Date.parse(metadata.creationTimestamp ?? '') < at);
    for (const { metadata } of older) {
      if (allowed <= 0 || metadata.deletionTimestamp) continue;
      if (!tryToEvict(registry, metadata)) continue;
      allowed--;
      evicted++;
    }
    if (older.length > evicted) queue.addAfter(key, restartCheckMs);
    return { evicted, restartedAt: older.length > evicted ? status?.restartedAt : restartAt };
  };

  const scaleSets = (
    rollout: ArgoRollout,
    current: ReplicaSet,
    stable: ReplicaSet | undefined,
    sets: readonly ReplicaSet[],
  ) => {
    if (waitsAtStep(rollout, current, stable)) return;
    const replicas = rollout.spec.replicas ?? 1;
    scale(current, replicas);
    const isReplaced = (current.status?.availableReplicas ?? 0) >= replicas;
    for (const set of sets) if (isReplaced && hashOf(set) !== hashOf(current)) scale(set, 0);
  };

  const scale = ({ metadata, spec }: ReplicaSet, replicas: number) => {
    if (spec.replicas === replicas) return;
    registry.edit<ReplicaSet>(ReplicaSets, metadata, (live) => ({ ...live, spec: { ...live.spec, replicas } }));
  };

  /** `scaleDown: onsuccess` of a reference: its Deployment has had its day once the Rollout is healthy. */
  const scaleReferenced = ({ metadata, spec: { workloadRef } }: ArgoRollout, status: { phase: string }) => {
    if (workloadRef?.scaleDown !== 'onsuccess' || status.phase !== 'Healthy') return;
    const target = { name: workloadRef.name, namespace: metadata.namespace ?? '' };
    if (registry.store.get<WorkloadObject>(Deployments, target.name, target.namespace)?.spec.replicas === 0) return;
    registry.edit<WorkloadObject>(Deployments, target, (live) => ({ ...live, spec: { ...live.spec, replicas: 0 } }));
  };

  const writeInvalid = ({ metadata, spec, status }: ArgoRollout) => {
    const message = `The Rollout "${metadata.name}" is invalid: spec.workloadRef: ${spec.workloadRef?.kind.toLowerCase()}s.apps "${spec.workloadRef?.name}" not found`;
    const others = (status?.conditions ?? []).filter(({ type }) => type !== 'InvalidSpec');
    const condition = { type: 'InvalidSpec', status: 'True', reason: 'InvalidSpec', message };
    registry.writeStatus(ArgoRollouts, metadata, {
      ...status,
      observedGeneration: String(metadata.generation ?? 1),
      conditions: [...others, condition],
      phase: 'Degraded',
      message: `InvalidSpec: ${message}`,
    });
  };

  return ({ kind, object, type }) => {
    const { name, namespace = '', ownerReferences = [] } = object.metadata;
    if (kind.plural === ArgoRollouts.plural && type !== 'DELETED') queue.add(keyOf(name, namespace));
    if (kind.plural === ReplicaSets.plural)
      for (const owner of ownerReferences) if (owner.kind === 'Rollout') queue.add(keyOf(owner.name, namespace));
    if (kind.plural === Deployments.plural && isServed(registry))
      for (const { metadata, spec } of registry.store.list<ArgoRollout>(ArgoRollouts, namespace))
        if (spec.workloadRef?.name === name) queue.add(keyOf(metadata.name, namespace));
  };
}

/** Whether its update waits at a first step `pause: {}`, which only a person ends. */
function waitsAtStep({ spec }: ArgoRollout, current: ReplicaSet, stable: ReplicaSet | undefined): boolean {
  const [first] = spec.strategy?.canary?.steps ?? [];
  if (first === undefined || stable === undefined || hashOf(stable) === hashOf(current)) return false;
  if ('pause' in first && Object.keys(first.pause ?? {}).length === 0) return true;
  throw new Error(`not simulated: the step ${JSON.stringify(first)} of a Rollout's update`);
}

function templateOf({ store }: Registry, { metadata, spec }: ArgoRollout): PodTemplate | undefined {
  if (spec.workloadRef === undefined) return spec.template;
  return store.get<WorkloadObject>(Deployments, spec.workloadRef.name, metadata.namespace)?.spec.template;
}

function tryToEvict(registry: Registry, { name, namespace = '' }: KubernetesObject['metadata']): boolean {
  try {
    evict(registry, { name, namespace }, {}, false);
    return true;
  } catch (error) {
    // A budget forbids it; the next pass tries again.
    if (error instanceof StatusFailure && error.status.code === 429) return false;
    throw error;
  }
}

/** The stable ReplicaSet first, then the current one, then the others. */
function byPriority(
  sets: readonly ReplicaSet[],
  stable: ReplicaSet | undefined,
  current: ReplicaSet,
): readonly ReplicaSet[] {
  const rank = (set: ReplicaSet) =>
    hashOf(set) === (stable && hashOf(stable)) ? 0 : hashOf(set) === hashOf(current) ? 1 : 2;
  return sets.toSorted((a, b) => rank(a) - rank(b));
}

/** The default of upstream, "25", is no percentage and comes to nothing. */
function maxUnavailableOf({ strategy, replicas = 1 }: ArgoRollout['spec']): number {
  const { maxUnavailable = 0 } = strategy?.canary ?? strategy?.blueGreen ?? {};
  return Math.min(replicas, resolveCount(maxUnavailable, replicas, 'down'));
}

const hashOf = ({ metadata }: ReplicaSet): string => metadata.labels?.[rolloutHashLabel] ?? '';

const sumOf = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, { spec }) => sum + spec.replicas, 0);

const isServed = ({ catalog }: Registry): boolean =>
  catalog.find('argoproj.io', 'v1alpha1', ArgoRollouts.plural) !== undefined;
