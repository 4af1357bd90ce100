import type { WorkloadKind } from '../../model/workload-kind.ts';
import type { WorkloadObject } from '../../ports/objects.ts';

/** The most pods that a restart runs beside the old ones at one moment. */
export function surgePods(kind: WorkloadKind, { spec }: WorkloadObject, pods: number): number {
  if (kind === 'StatefulSet' || pods === 0) return 0;
  if (kind === 'DaemonSet') return resolved(spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0, pods);
  if (spec.strategy?.type === 'Recreate' || spec.paused === true) return 0;
  return resolved(spec.strategy?.rollingUpdate?.maxSurge ?? '25%', pods);
}

/** Kubernetes rounds a surge up. */
function resolved(value: number | string, pods: number): number {
  if (typeof value === 'number') return value;
  const share = Number.parseFloat(value);
  return Number.isNaN(share) ? 0 : Math.ceil((share / 100) * pods);
}
