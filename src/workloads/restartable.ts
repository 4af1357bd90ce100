import type { WorkloadKind } from '../model/workload-kind.ts';
import type { WorkloadObject } from '../ports/objects.ts';

/** Why our one write would not replace this workload's pods; `undefined` when it would. */
export function whyUnrestartable(kind: WorkloadKind, { spec }: WorkloadObject): string | undefined {
  if (kind === 'Deployment' && spec.paused === true) return 'it is paused, so a new template starts no rollout';
  if (kind !== 'Deployment' && spec.updateStrategy?.type === 'OnDelete')
    return 'its update strategy is OnDelete, so pods change only when somebody deletes them';
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  if (kind === 'StatefulSet' && partition > 0)
    return `its partition is ${partition}, so pods below it keep their proxy`;
  return undefined;
}

/** Why all of its pods are away for a moment while it restarts; `undefined` when one is always there. */
export function whyDown(kind: WorkloadKind, { spec }: WorkloadObject): string | undefined {
  const replicas = spec.replicas ?? 1;
  if (kind === 'DaemonSet' || replicas === 0) return undefined;
  if (kind === 'Deployment' && spec.strategy?.type === 'Recreate') return 'its strategy is Recreate';
  if (replicas > 1) return undefined;
  if (kind === 'StatefulSet') return 'it has one replica, which ends before its successor starts';
  const surge = String(spec.strategy?.rollingUpdate?.maxSurge ?? '25%');
  return /^0%?$/.test(surge) ? 'it has one replica and may not surge' : undefined;
}
