import { describe, expect, it } from 'vitest';
import { statefulSet } from '../../src/workloads/stateful-set.ts';
import { full, type Status, workload } from './workload-objects.ts';

const withPartition = (partition: number) => ({ updateStrategy: { rollingUpdate: { partition } } });

describe('the rollout of a StatefulSet', () => {
  const of = (status: Status, partition = 0) =>
    statefulSet.rolloutOf(workload({ replicas: 3, ...withPartition(partition) }, status));

  it('is complete when its current and update revision are equal, even without updatedReplicas', () => {
    const { updatedReplicas: _none, ...status } = full;
    expect(of({ ...status, currentRevision: 'a', updateRevision: 'a' }).complete).toBe(true);
    expect(of({ ...status, currentRevision: 'a', updateRevision: 'b' })).toMatchObject({
      complete: false,
      waitingFor: '0 of 3 pods updated',
    });
  });

  it('waits only for the pods above its partition', () => {
    const status = { ...full, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' };
    expect(of(status, 2).complete).toBe(true);
    expect(of(status, 1).waitingFor).toBe('1 of 2 pods updated');
  });

  it('waits for its controller to observe the write', () => {
    expect(of({ ...full, observedGeneration: 1 }).waitingFor).toBe('its controller has not seen the change yet');
  });
});

describe('a StatefulSet', () => {
  it.for([
    { what: 'the default strategy', spec: {}, why: undefined },
    {
      what: 'OnDelete',
      spec: { updateStrategy: { type: 'OnDelete' } },
      why: 'its update strategy is OnDelete, so a pod changes only after it is deleted by a person or a program',
    },
    { what: 'a partition', spec: withPartition(2), why: 'its partition is 2, so pods below it keep their proxy' },
  ])('with $what has this reason against a restart: $why', ({ spec, why }) => {
    expect(statefulSet.whyUnrestartable(workload(spec))).toBe(why);
  });

  it.for([
    { replicas: 0, why: undefined },
    { replicas: 1, why: 'it has one replica, which ends before its successor starts' },
    { replicas: 2, why: undefined },
  ])('with $replicas replicas has this reason to be down during a restart: $why', ({ replicas, why }) => {
    expect(statefulSet.whyDown(workload({ replicas }))).toBe(why);
  });

  it('runs no pod beside the old ones', () => {
    expect(statefulSet.surgePods(workload(), 3)).toBe(0);
  });
});
