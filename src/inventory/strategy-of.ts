import type { WorkloadKind } from '../model/workload-kind.ts';
import type { WorkloadObject } from '../ports/objects.ts';
import { definitionOf } from '../workloads/workloads.ts';
import type { Strategy } from './inventory-schema.ts';

/** Only the inventory reads `progressDeadlineSeconds`. */
type Spec = WorkloadObject['spec'] & { progressDeadlineSeconds?: number };

/** How a workload's pods are replaced; what is not written is left to the defaults of its controller. */
export function strategyOf(kind: WorkloadKind, object: WorkloadObject): Strategy {
  const { minReadySeconds, progressDeadlineSeconds }: Spec = object.spec;
  const { type, maxSurge, maxUnavailable, partition, paused } = definitionOf(kind).replacementOf(object);
  return {
    type,
    ...(maxSurge === undefined ? {} : { maxSurge }),
    ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
    ...(partition === undefined ? {} : { partition }),
    ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
    ...(progressDeadlineSeconds === undefined ? {} : { progressDeadlineSeconds }),
    ...(paused === undefined ? {} : { paused }),
  };
}
