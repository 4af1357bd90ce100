import { Deployments, Pods } from '../../../../src/ports/kinds.ts';
import type { PodTemplate } from '../../../../src/ports/objects.ts';
import { isSame } from '../api-server/json.ts';
import { keyOf } from '../api-server/store.ts';
import { type ControllerContext, type OnChange, ReactionMs, splitKey } from './controller.ts';
import { deploymentStatus, withNewReplicaSetCondition } from './deployment-status.ts';
import { type Deployment, type ReplicaSet, ReplicaSets } from './kinds.ts';
import { controllerReference, ownedPods } from './pods.ts';
import { limitsOf, scaleDownOld, scaleUpNew, sumOfReplicas } from './rolling-update.ts';
import { templateHash } from './template-hash.ts';
import { WorkQueue } from './work-queue.ts';

const RevisionAnnotation = 'deployment.kubernetes.io/revision';
const HashLabel = 'pod-template-hash';

/** Rolls a Deployment's pods over to its template by scaling ReplicaSets, as kube-controller-manager does. */
export function deploymentController({ registry, clock, random }: ControllerContext): OnChange {
  const queue = new WorkQueue(clock, random, { delayMs: ReactionMs }, (key) => {
    const { name, namespace } = splitKey(key);
    const deployment = registry.store.get<Deployment>(Deployments, name, namespace);
    if (!deployment || deployment.metadata.deletionTimestamp) return;
    const sets = registry.store.owned<ReplicaSet>(ReplicaSets, deployment.metadata.uid ?? '');
    const current = sets.find((set) => isOfTemplate(set, deployment.spec.template));
    const isPaused = deployment.spec.paused ?? false;
    const old = sets.filter((set) => set !== current).sort(byCreation);
    const isDraining = !isPaused && deployment.spec.strategy?.type === 'Recreate' && drain(deployment, old) > 0;
    // The ReplicaSet and its condition come in a write of their own, before observedGeneration follows: 40-rollout.
    if (!current && !isPaused && !isDraining) createReplicaSet(deployment, sets);
    if (current && !isPaused && !isDraining) roll(deployment, current, old);
    if (isPaused) scalePaused(deployment, current ?? newest(old));
    const deadline = writeStatus(deployment);
    if (deadline !== undefined) queue.addAfter(key, deadline);
  });

  const createReplicaSet = (deployment: Deployment, sets: readonly ReplicaSet[]) => {
    const { metadata, spec } = deployment;
    const hash = templateHash(spec.template);
    const revision = String(Math.max(0, ...sets.map(revisionOf)) + 1);
    const labels = { ...spec.template.metadata?.labels, [HashLabel]: hash };
    const created = registry.create<ReplicaSet>(ReplicaSets, {
      metadata: {
        name: `${metadata.name}-${hash}`,
        namespace: metadata.namespace ?? '',
        labels,
        annotations: { ...sizes(deployment), [RevisionAnnotation]: revision },
        ownerReferences: [controllerReference(deployment)],
      },
      spec: {
        replicas: scaleUpNew(deployment, 0, sumOfReplicas(sets)),
        selector: { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels, [HashLabel]: hash } },
        template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
        ...(spec.minReadySeconds ? { minReadySeconds: spec.minReadySeconds } : {}),
      },
    });
    const { conditions } = deployment.status ?? {};
    const progressing = withNewReplicaSetCondition(conditions, created.metadata.name, registry.timestamp());
    const status = { ...deployment.status, conditions: progressing };
    registry.writeStatus(Deployments, metadata, status, { [RevisionAnnotation]: revision });
  };

  const roll = (deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]) => {
    bringForward(deployment, current, old);
    const wanted = scaleUpNew(deployment, current.spec.replicas, sumOfReplicas([...old, current]));
    if (wanted !== current.spec.replicas) return scale(deployment, current, wanted);
    for (const { set, replicas } of scaleDownOld(deployment, current, old)) scale(deployment, set, replicas);
    pruneHistory(deployment, old);
  };

  /** Scales everything to nothing; how many pods are still there. */
  const drain = (deployment: Deployment, old: readonly ReplicaSet[]): number => {
    for (const set of old) scale(deployment, set, 0);
    return old.reduce((pods, set) => pods + ownedPods(registry, set).length, 0);
  };

  /** A template that was there before takes up its old ReplicaSet under a new revision. */
  const bringForward = (deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]) => {
    const latest = Math.max(0, ...old.map(revisionOf));
    if (revisionOf(current) > latest) return annotateRevision(deployment, String(revisionOf(current)));
    const revision = String(latest + 1);
    registry.edit<ReplicaSet>(ReplicaSets, current.metadata, (set) => ({
      ...set,
      metadata: { ...set.metadata, annotations: { ...set.metadata.annotations, [RevisionAnnotation]: revision } },
    }));
    annotateRevision(deployment, revision);
  };

  const scale = (deployment: Deployment, set: ReplicaSet, replicas: number) => {
    if (set.spec.replicas === replicas) return;
    registry.edit<ReplicaSet>(ReplicaSets, set.metadata, (live) => ({
      ...live,
      metadata: { ...live.metadata, annotations: { ...live.metadata.annotations, ...sizes(deployment) } },
      spec: { ...live.spec, replicas },
    }));
  };

  const scalePaused = (deployment: Deployment, set: ReplicaSet | undefined) => {
    if (set) scale(deployment, set, deployment.spec.replicas ?? 1);
  };

  const annotateRevision = ({ metadata, status = {} }: Deployment, revision: string) =>
    registry.writeStatus(Deployments, metadata, status, { [RevisionAnnotation]: revision });

  const pruneHistory = ({ spec }: Deployment, old: readonly ReplicaSet[]) => {
    const idle = old.filter((set) => set.spec.replicas === 0 && (set.status?.replicas ?? 0) === 0);
    const surplus = idle.sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, -(spec.revisionHistoryLimit ?? 10));
    for (const { metadata } of surplus) registry.delete(ReplicaSets, metadata);
  };

  const writeStatus = ({ metadata }: Deployment): number | undefined => {
    const deployment = registry.get<Deployment>(Deployments, metadata.name, metadata.namespace);
    const sets = registry.store.owned<ReplicaSet>(ReplicaSets, metadata.uid ?? '');
    const current = sets.find((set) => isOfTemplate(set, deployment.spec.template));
    const { status, checkAgainMs } = deploymentStatus(deployment, current, sets, registry.timestamp(), clock.now());
    registry.writeStatus(Deployments, metadata, status);
    return checkAgainMs;
  };

  return ({ kind, object, type }) => {
    const { name, namespace, ownerReferences = [] } = object.metadata;
    if (kind.plural === Deployments.plural && type !== 'DELETED') queue.add(keyOf(name, namespace));
    // Who recreates waits for the last old pod, which its ReplicaSet counts no longer.
    if (kind.plural === Pods.plural && type === 'DELETED') {
      for (const owner of ownerReferences) {
        const set = registry.store.get<ReplicaSet>(ReplicaSets, owner.name, namespace);
        for (const { name: its } of set?.metadata.ownerReferences ?? []) {
          const deployment = registry.store.get<Deployment>(Deployments, its, namespace);
          if (deployment?.spec.strategy?.type === 'Recreate') queue.add(keyOf(its, namespace));
        }
      }
    }
    if (kind.plural !== ReplicaSets.plural) return;
    for (const owner of ownerReferences) {
      if (owner.kind === 'Deployment') queue.add(keyOf(owner.name, namespace));
    }
  };
}

/** Their names are random; the real controller shrinks the oldest first. */
const byCreation = ({ metadata: a }: ReplicaSet, { metadata: b }: ReplicaSet): number =>
  Date.parse(a.creationTimestamp ?? '') - Date.parse(b.creationTimestamp ?? '') || (a.name < b.name ? -1 : 1);

/** What a ReplicaSet is told of the Deployment's size, for scaling in the middle of a rollout. */
function sizes(deployment: Deployment): Record<string, string> {
  const replicas = deployment.spec.replicas ?? 1;
  return {
    'deployment.kubernetes.io/desired-replicas': String(replicas),
    'deployment.kubernetes.io/max-replicas': String(replicas + limitsOf(deployment).maxSurge),
  };
}

function isOfTemplate({ spec }: ReplicaSet, template: PodTemplate): boolean {
  const { [HashLabel]: _, ...labels } = spec.template.metadata?.labels ?? {};
  return isSame(
    { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    { ...template, metadata: { ...template.metadata, labels: template.metadata?.labels ?? {} } },
  );
}

function revisionOf({ metadata }: ReplicaSet): number {
  return Number(metadata.annotations?.[RevisionAnnotation] ?? 0);
}

function newest(sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return sets.toSorted((a, b) => revisionOf(b) - revisionOf(a))[0];
}
