import { describe, expect, it } from 'vitest';
import type { WorkloadKind } from '../../src/model/workload-kind.ts';
import type { WorkloadObject } from '../../src/ports/objects.ts';
import { rolloutOf } from '../../src/workloads/readiness.ts';

type Status = NonNullable<WorkloadObject['status']>;

const of = (
  kind: WorkloadKind,
  status: Status,
  { generation = 2, ...spec }: { generation?: number; replicas?: number; partition?: number } = {},
) =>
  rolloutOf(kind, {
    metadata: { name: 'w', namespace: 'n', generation },
    spec: {
      template: { spec: { containers: [] } },
      ...(spec.replicas === undefined ? {} : { replicas: spec.replicas }),
      ...(spec.partition === undefined ? {} : { updateStrategy: { rollingUpdate: { partition: spec.partition } } }),
    },
    status,
  } as WorkloadObject);

const full: Status = { observedGeneration: 2, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 };

describe('the rollout of a Deployment', () => {
  it.for([
    {
      waits: 'its controller to see the change',
      when: 'the write is newer than what was observed, though all counts are full',
      status: { ...full, observedGeneration: 1 },
    },
    { waits: 'its controller to see the change', when: 'there is no status yet', status: {} },
    { waits: '1 of 3 pods updated', when: 'two pods are old', status: { ...full, updatedReplicas: 1 } },
    { waits: '1 old pods to end', when: 'an old pod is still there beside the new', status: { ...full, replicas: 4 } },
    { waits: '2 of 3 pods ready', when: 'a pod is not ready', status: { ...full, readyReplicas: 2 } },
    {
      waits: '2 of 3 pods available',
      when: 'a pod is ready for too short a time',
      status: { ...full, availableReplicas: 2 },
    },
    { waits: '', when: 'every replica is updated, ready and available', status: full },
  ])('waits for "$waits" when $when', ({ waits, status }) => {
    const rollout = of('Deployment', status, { replicas: 3 });
    expect(rollout).toMatchObject({ waitingFor: waits, complete: waits === '', desired: 3, stuck: false });
  });

  it('is complete with no replica at all', () => {
    expect(of('Deployment', { observedGeneration: 2 }, { replicas: 0 })).toMatchObject({ complete: true, desired: 0 });
  });

  it('counts one replica when the spec names none', () => {
    expect(of('Deployment', { observedGeneration: 2 })).toMatchObject({ complete: false, desired: 1 });
  });

  it('is stuck once Kubernetes says ProgressDeadlineExceeded, and not before', () => {
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
    expect(of('Deployment', { ...full, updatedReplicas: 1, conditions }, { replicas: 3 }).stuck).toBe(true);
    expect(of('Deployment', { ...full, updatedReplicas: 1 }, { replicas: 3 }).stuck).toBe(false);
  });
});

describe('the rollout of a StatefulSet', () => {
  it('is complete when both its revisions are one, although updatedReplicas is gone', () => {
    const { updatedReplicas: _none, ...status } = full;
    expect(of('StatefulSet', { ...status, currentRevision: 'a', updateRevision: 'a' }, { replicas: 3 }).complete).toBe(
      true,
    );
    expect(of('StatefulSet', { ...status, currentRevision: 'a', updateRevision: 'b' }, { replicas: 3 })).toMatchObject({
      complete: false,
      waitingFor: '0 of 3 pods updated',
    });
  });

  it('asks only for the pods above its partition', () => {
    const status = { ...full, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' };
    expect(of('StatefulSet', status, { replicas: 3, partition: 2 }).complete).toBe(true);
    expect(of('StatefulSet', status, { replicas: 3, partition: 1 }).waitingFor).toBe('1 of 2 pods updated');
  });
});

describe('the rollout of a DaemonSet', () => {
  const daemons: Status = {
    observedGeneration: 2,
    desiredNumberScheduled: 3,
    updatedNumberScheduled: 3,
    numberAvailable: 3,
    numberReady: 3,
  };

  it.for([
    {
      waits: 'its controller to see the change',
      when: 'the write was not observed',
      status: { ...daemons, observedGeneration: 1 },
    },
    { waits: '2 of 3 pods updated', when: 'a node has an old pod', status: { ...daemons, updatedNumberScheduled: 2 } },
    { waits: '2 of 3 pods available', when: 'a pod is not available', status: { ...daemons, numberAvailable: 2 } },
    { waits: '2 of 3 pods ready', when: 'a pod is not ready', status: { ...daemons, numberReady: 2 } },
    { waits: '', when: 'every node has a new, ready pod', status: daemons },
    { waits: '', when: 'no node wants one', status: { observedGeneration: 2, desiredNumberScheduled: 0 } },
  ])('waits for "$waits" when $when', ({ waits, status }) => {
    expect(of('DaemonSet', status)).toMatchObject({ waitingFor: waits, complete: waits === '' });
  });
});
