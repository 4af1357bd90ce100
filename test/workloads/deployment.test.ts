import { describe, expect, it } from 'vitest';
import { deployment } from '../../src/workloads/deployment.ts';
import { full, type Status, workload } from './workload-objects.ts';

describe('the rollout of a Deployment', () => {
  const of = (status: Status, replicas?: number) =>
    deployment.rolloutOf(workload(replicas === undefined ? {} : { replicas }, status));

  it.for([
    {
      waits: 'its controller has not seen the change yet',
      when: 'its controller has not observed the write, although all counts are full',
      status: { ...full, observedGeneration: 1 },
    },
    { waits: 'its controller has not seen the change yet', when: 'there is no status yet', status: {} },
    { waits: '1 of 3 pods updated', when: 'two pods are old', status: { ...full, updatedReplicas: 1 } },
    { waits: '1 old pods to end', when: 'an old pod still runs beside the new ones', status: { ...full, replicas: 4 } },
    { waits: '2 of 3 pods ready', when: 'a pod is not ready', status: { ...full, readyReplicas: 2 } },
    {
      waits: '2 of 3 pods available',
      when: 'a pod is ready for too short a time',
      status: { ...full, availableReplicas: 2 },
    },
    { waits: '', when: 'every replica is updated, ready and available', status: full },
  ])('waits for "$waits" when $when', ({ waits, status }) => {
    expect(of(status, 3)).toMatchObject({ waitingFor: waits, complete: waits === '', desired: 3, stuck: false });
  });

  it('is complete with zero replicas', () => {
    expect(of({ observedGeneration: 2 }, 0)).toMatchObject({ complete: true, desired: 0 });
  });

  it('expects one replica when the spec has no number', () => {
    expect(of({ observedGeneration: 2 })).toMatchObject({ complete: false, desired: 1 });
  });

  it('is stuck only when Kubernetes reports ProgressDeadlineExceeded', () => {
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
    expect(of({ ...full, updatedReplicas: 1, conditions }, 3).stuck).toBe(true);
    expect(of({ ...full, updatedReplicas: 1 }, 3).stuck).toBe(false);
  });

  it('gives the reason why its controller cannot create pods', () => {
    const conditions = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' }];
    expect(of({ ...full, conditions }, 3).refused).toBe('exceeded quota');
  });
});

describe('a Deployment', () => {
  it.for([
    { what: 'no pause', spec: {}, why: undefined },
    { what: 'a pause', spec: { paused: true }, why: 'it is paused, so a new template starts no rollout' },
  ])('with $what has this reason against a restart: $why', ({ spec, why }) => {
    expect(deployment.whyUnrestartable(workload(spec))).toBe(why);
  });

  it.for([
    { what: 'several replicas', spec: { replicas: 2 }, why: undefined },
    { what: 'one replica that may surge', spec: { replicas: 1 }, why: undefined },
    {
      what: 'one replica that may not surge',
      spec: { replicas: 1, strategy: { rollingUpdate: { maxSurge: '0%' } } },
      why: 'it has one replica and may not surge',
    },
    { what: 'Recreate', spec: { replicas: 3, strategy: { type: 'Recreate' } }, why: 'its strategy is Recreate' },
    { what: 'no replicas', spec: { replicas: 0, strategy: { type: 'Recreate' } }, why: undefined },
  ])('with $what has this reason to be down during a restart: $why', ({ spec, why }) => {
    expect(deployment.whyDown(workload(spec))).toBe(why);
  });

  it.for([
    { what: 'one pod and the default strategy', spec: {}, pods: 1, surge: 1 },
    { what: 'five pods and the default strategy', spec: {}, pods: 5, surge: 2 },
    { what: 'maxSurge 100%', spec: { strategy: { rollingUpdate: { maxSurge: '100%' } } }, pods: 3, surge: 3 },
    { what: 'maxSurge 0', spec: { strategy: { rollingUpdate: { maxSurge: 0 } } }, pods: 3, surge: 0 },
    { what: 'Recreate', spec: { strategy: { type: 'Recreate' } }, pods: 3, surge: 0 },
    { what: 'a pause', spec: { paused: true }, pods: 3, surge: 0 },
    { what: 'no pods', spec: {}, pods: 0, surge: 0 },
  ])('runs $surge pods beside the old ones with $what', ({ spec, pods, surge }) => {
    expect(deployment.surgePods(workload(spec), pods)).toBe(surge);
  });
});
