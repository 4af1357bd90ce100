import type { WorkloadObject } from '../../src/ports/objects.ts';

export type Status = NonNullable<WorkloadObject['status']>;

/** A workload of generation 2 without containers; `spec` overrides parts of its spec. */
export const workload = (spec: Partial<WorkloadObject['spec']> = {}, status: Status = {}): WorkloadObject => ({
  metadata: { name: 'w', namespace: 'n', generation: 2 },
  spec: { template: { spec: { containers: [] } }, ...spec },
  status,
});

/** Three replicas, all of them new, ready and available. */
export const full: Status = {
  observedGeneration: 2,
  replicas: 3,
  updatedReplicas: 3,
  readyReplicas: 3,
  availableReplicas: 3,
};
