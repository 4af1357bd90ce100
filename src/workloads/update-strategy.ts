import type { WorkloadObject } from '../ports/objects.ts';
import type { Replacement } from './workload-definition.ts';

/** StatefulSets and DaemonSets say in `updateStrategy` how they replace their pods. */
export function updateStrategyOf({ spec }: WorkloadObject): Replacement {
  const { type, rollingUpdate: { maxSurge, maxUnavailable, partition } = {} } = spec.updateStrategy ?? {};
  return { type: type === 'OnDelete' ? type : 'RollingUpdate', maxSurge, maxUnavailable, partition };
}

export function withUpdateStrategy({ type, maxSurge, maxUnavailable, partition }: Replacement): {
  updateStrategy: NonNullable<WorkloadObject['spec']['updateStrategy']>;
} {
  const rollingUpdate = {
    ...(maxSurge === undefined ? {} : { maxSurge }),
    ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
    ...(partition === undefined ? {} : { partition }),
  };
  return {
    updateStrategy: {
      type,
      ...(type === 'RollingUpdate' && Object.keys(rollingUpdate).length > 0 ? { rollingUpdate } : {}),
    },
  };
}

export const whyOnDelete = ({ spec }: WorkloadObject): string | undefined =>
  spec.updateStrategy?.type === 'OnDelete'
    ? 'its update strategy is OnDelete, so a pod changes only after it is deleted by a person or a program'
    : undefined;
