import { expect, it } from 'vitest';
import { RolloutRecord } from '../../../harness/proof/bench/rollout-record.ts';
import { Deployments, Pods } from '../../../src/ports/kinds.ts';

const deployment = (restartedAt: string | undefined, updated: number) => ({
  metadata: { name: 'foo', namespace: 'bar', generation: 1 },
  spec: {
    replicas: 2,
    template: {
      metadata: { annotations: restartedAt === undefined ? {} : { 'kubectl.kubernetes.io/restartedAt': restartedAt } },
      spec: {},
    },
  },
  status: { observedGeneration: 1, replicas: 2, updatedReplicas: updated, availableReplicas: 2 },
});

it('a rollout lasts from the first version with a new restart to the first that is rolled out', () => {
  const record = new RolloutRecord();
  record.observe(Deployments, deployment(undefined, 2), 0);
  record.observe(Deployments, deployment('now', 0), 100);
  record.observe(Deployments, deployment('now', 1), 200);
  record.observe(Deployments, deployment('now', 2), 300);
  record.observe(Deployments, deployment('now', 2), 400);
  expect(record.ended).toEqual([{ namespace: 'bar', name: 'foo', from: 100, to: 300 }]);
  expect(record.mostAtOnce).toBe(1);
});

it('a workload that is seen for the first time, and a pod, are not rollouts', () => {
  const record = new RolloutRecord();
  record.observe(Deployments, deployment('before', 0), 0);
  record.observe(Deployments, deployment('before', 2), 100);
  record.observe(Pods, { metadata: { name: 'foo-1' } }, 200);
  expect([record.ended, record.mostAtOnce]).toEqual([[], 0]);
});
