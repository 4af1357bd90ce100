import type { WorkloadKind } from '../model/workload-kind.ts';
import type { WorkloadObject } from '../ports/objects.ts';
import type { Strategy } from './inventory-schema.ts';

/** `progressDeadlineSeconds` is read by nobody else. */
type Spec = WorkloadObject['spec'] & { progressDeadlineSeconds?: number };

/** How a workload's pods are replaced; what is not written is left to Kubernetes' own defaults. */
export function strategyOf(kind: WorkloadKind, { spec }: WorkloadObject): Strategy {
  const { minReadySeconds, progressDeadlineSeconds, paused }: Spec = spec;
  const { type, rollingUpdate = {} } = (kind === 'Deployment' ? spec.strategy : spec.updateStrategy) ?? {};
  const { maxSurge, maxUnavailable } = rollingUpdate;
  const partition = kind === 'Deployment' ? undefined : spec.updateStrategy?.rollingUpdate?.partition;
  return {
    type: type === 'Recreate' || type === 'OnDelete' ? type : 'RollingUpdate',
    ...(maxSurge === undefined ? {} : { maxSurge }),
    ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
    ...(partition === undefined ? {} : { partition }),
    ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
    ...(progressDeadlineSeconds === undefined ? {} : { progressDeadlineSeconds }),
    ...(paused === undefined ? {} : { paused }),
  };
}
