import type { Deployment, ReplicaSet } from './kinds.ts';
import { resolveCount } from './pods.ts';

/** How many replicas the new ReplicaSet may have now. */
export function scaleUpNew(deployment: Deployment, current: number, allReplicas: number): number {
  const replicas = replicasOf(deployment);
  if (deployment.spec.strategy?.type === 'Recreate') return replicas;
  if (current >= replicas) return replicas;
  const room = replicas + limitsOf(deployment).maxSurge - allReplicas;
  return room <= 0 ? current : Math.min(replicas, current + room);
}

/** Which old ReplicaSets shrink, and to what: unhealthy pods first, then as many as availability allows. */
export function scaleDownOld(
  deployment: Deployment,
  current: ReplicaSet,
  old: readonly ReplicaSet[],
): { set: ReplicaSet; replicas: number }[] {
  const oldReplicas = sumOfReplicas(old);
  if (oldReplicas === 0) return [];
  const minAvailable = replicasOf(deployment) - limitsOf(deployment).maxUnavailable;
  const newUnavailable = current.spec.replicas - (current.status?.availableReplicas ?? 0);
  let removable = oldReplicas + current.spec.replicas - minAvailable - newUnavailable;
  if (removable <= 0) return [];

  const replicas = new Map(old.map((set) => [set, set.spec.replicas]));
  const shrink = (set: ReplicaSet, by: number) => replicas.set(set, (replicas.get(set) ?? 0) - by);
  for (const set of old) {
    const unhealthy = set.spec.replicas - (set.status?.availableReplicas ?? 0);
    const by = Math.max(0, Math.min(removable, unhealthy, set.spec.replicas));
    shrink(set, by);
    removable -= by;
  }
  let spare = [...old, current].reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0) - minAvailable;
  for (const set of old) {
    const by = Math.max(0, Math.min(spare, replicas.get(set) ?? 0));
    shrink(set, by);
    spare -= by;
  }
  return [...replicas].map(([set, count]) => ({ set, replicas: count }));
}

export function limitsOf(deployment: Deployment): { maxSurge: number; maxUnavailable: number } {
  const replicas = replicasOf(deployment);
  const { maxSurge, maxUnavailable } = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = resolveCount(maxSurge, replicas, 'up');
  const unavailable = resolveCount(maxUnavailable, replicas, 'down');
  // Both zero would never move; Kubernetes then allows one to be unavailable.
  return { maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, replicas) };
}

export function sumOfReplicas(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, { spec }) => sum + spec.replicas, 0);
}

function replicasOf({ spec }: Deployment): number {
  return spec.replicas ?? 1;
}
