import { Deployments } from '../../../src/kubernetes/kinds.ts';
import type { PodTemplate } from '../../../src/kubernetes/objects.ts';
import { isSame } from '../api-server/json.ts';
import { keyOf } from '../api-server/store.ts';
import { type ControllerContext, type OnChange, ReactionMs, splitKey } from './controller.ts';
import { deploymentStatus, withNewReplicaSetCondition } from './deployment-status.ts';
import { type Deployment, type ReplicaSet, ReplicaSets } from './kinds.ts';
import { controllerReference, ownedPods } from './pods.ts';
import { scaleDownOld, scaleUpNew, sumOfReplicas } from './rolling-update.ts';
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
    const old = sets.filter((set) => set !== current);
    const isDraining = !isPaused && deployment.spec.strategy?.type === 'Recreate' && drain(old) > 0;
    // The ReplicaSet and its condition come in a pass of their own, before observedGeneration follows: 40-rollout.
    if (!current && !isPaused && !isDraining) return createReplicaSet(deployment, sets);
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
        annotations: { [RevisionAnnotation]: revision },
        ownerReferences: [controllerReference(deployment)],
      },
      spec: {
        replicas: scaleUpNew(deployment, 0, sumOfReplicas(sets)),
        selector: { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels, [HashLabel]: hash } },
        template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
        ...(spec.minReadySeconds ? { minReadySeconds: spec.minReadySeconds } : {}),
      },
    });
    annotateRevision(deployment, revision);
    const { conditions } = deployment.status ?? {};
    registry.writeStatus(Deployments, metadata, {
      ...deployment.status,
      conditions: withNewReplicaSetCondition(conditions, created.metadata.name, registry.timestamp()),
    });
  };

  const roll = (deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]) => {
    bringForward(deployment, current, old);
    const wanted = scaleUpNew(deployment, current.spec.replicas, sumOfReplicas([...old, current]));
    if (wanted !== current.spec.replicas) return scale(current, wanted);
    for (const { set, replicas } of scaleDownOld(deployment, current, old)) scale(set, replicas);
    pruneHistory(deployment, old);
  };

  /** Scales everything to nothing; how many pods are still there. */
  const drain = (old: readonly ReplicaSet[]): number => {
    for (const set of old) scale(set, 0);
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

  const scale = (set: ReplicaSet, replicas: number) => {
    if (set.spec.replicas === replicas) return;
    registry.edit<ReplicaSet>(ReplicaSets, set.metadata, (live) => ({ ...live, spec: { ...live.spec, replicas } }));
  };

  const scalePaused = (deployment: Deployment, set: ReplicaSet | undefined) => {
    if (set) scale(set, deployment.spec.replicas ?? 1);
  };

  const annotateRevision = ({ metadata }: Deployment, revision: string) => {
    registry.edit<Deployment>(Deployments, metadata, (live) =>
      live.metadata.annotations?.[RevisionAnnotation] === revision
        ? live
        : {
            ...live,
            metadata: {
              ...live.metadata,
              annotations: { ...live.metadata.annotations, [RevisionAnnotation]: revision },
            },
          },
    );
  };

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
    if (kind.plural !== ReplicaSets.plural) return;
    for (const owner of ownerReferences) {
      if (owner.kind === 'Deployment') queue.add(keyOf(owner.name, namespace));
    }
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
