import { describe, expect, it } from 'vitest';
import type { WorkloadObject } from '../../src/ports/objects.ts';
import { argoRollout } from '../../src/workloads/argo-rollout.ts';
import { full, type Status, workload } from './workload-objects.ts';

const at = '2026-11-22T21:41:02Z';
const later = '2026-11-22T21:51:02Z';
const timedOut = (lastUpdateTime: string) => [
  { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', lastUpdateTime },
];
/** A Rollout gives its generation as text. */
const observed = (generation: string): Status => ({ ...full, observedGeneration: generation as unknown as number });

describe('the rollout of an Argo Rollout', () => {
  const of = (status: Status, spec: Partial<WorkloadObject['spec']> = {}) =>
    argoRollout.rolloutOf(workload({ replicas: 3, restartAt: at, ...spec }, status));
  const done = { ...observed('2'), restartedAt: at };
  const evicting = 'its controller to evict the older pods, which a PodDisruptionBudget can forbid';

  it.for([
    { waits: 'its controller has not seen the change yet', when: 'the generation is behind', status: observed('1') },
    { waits: 'its controller has not seen the change yet', when: 'there is no status yet', status: {} },
    { waits: evicting, when: 'it was never restarted', status: observed('2') },
    {
      waits: evicting,
      when: 'only an older restart is done',
      status: { ...done, restartedAt: '2026-11-22T20:00:00Z' },
    },
    { waits: '2 of 3 pods ready', when: 'the last pod is not ready', status: { ...done, readyReplicas: 2 } },
    {
      waits: '3 of 4 pods ready',
      when: 'a pod of its own canary is not ready',
      status: { ...done, replicas: 4, updatedReplicas: 1 },
    },
    { waits: '2 of 3 pods available', when: 'a pod is not available', status: { ...done, availableReplicas: 2 } },
    { waits: '', when: 'the restart is done and all pods are ready', status: done },
    { waits: '', when: 'its own update is paused', status: { ...done, updatedReplicas: 1 } },
    { waits: '', when: 'a later restart is done', status: { ...done, restartedAt: later } },
  ])('waits for "$waits" when $when', ({ waits, status }) => {
    expect(of(status)).toMatchObject({ waitingFor: waits, complete: waits === '', desired: 3, stuck: false });
  });

  it('is complete when its spec has no restartAt', () => {
    expect(argoRollout.rolloutOf(workload({ replicas: 3 }, observed('2'))).complete).toBe(true);
  });

  it('is stuck by a deadline that passed after the restart, not by one that passed before it', () => {
    expect(of({ ...done, readyReplicas: 2, conditions: timedOut(later) }).stuck).toBe(true);
    expect(of({ ...done, readyReplicas: 2, conditions: timedOut('2026-11-22T20:00:00Z') }).stuck).toBe(false);
  });

  it('gives the reason why its controller cannot create pods', () => {
    const conditions = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' }];
    expect(of({ ...done, readyReplicas: 2, conditions }).refused).toBe('exceeded quota');
  });
});

describe('an Argo Rollout', () => {
  it.for([
    { what: 'no problem', status: {}, why: undefined },
    { what: 'a missed deadline', status: { conditions: timedOut(at) }, why: undefined },
    {
      what: 'an invalid spec',
      status: { conditions: [{ type: 'InvalidSpec', status: 'True', message: 'no such Service' }] },
      why: 'its controller calls its spec invalid and does nothing: no such Service',
    },
  ])('with $what has this reason against a restart: $why', ({ status, why }) => {
    expect(argoRollout.whyUnrestartable(workload({}, status))).toBe(why);
  });

  it('can be restarted while it is paused', () => {
    expect(argoRollout.whyUnrestartable(workload({ paused: true }))).toBeUndefined();
  });

  it.for([
    { what: 'no replicas', spec: { replicas: 0 }, why: undefined },
    {
      what: 'one replica',
      spec: { replicas: 1 },
      why: 'it has one replica, which is evicted before its successor starts',
    },
    { what: 'several replicas', spec: { replicas: 3 }, why: undefined },
    {
      what: 'maxUnavailable 99%',
      spec: { replicas: 3, strategy: { canary: { maxUnavailable: '99%' } } },
      why: undefined,
    },
    {
      what: 'maxUnavailable 100%',
      spec: { replicas: 3, strategy: { blueGreen: { maxUnavailable: '100%' } } },
      why: 'its maxUnavailable allows that all of its pods are evicted at once',
    },
  ])('with $what has this reason to be down during a restart: $why', ({ spec, why }) => {
    expect(argoRollout.whyDown(workload(spec))).toBe(why);
  });

  it('runs no pod beside the old ones, whatever its maxSurge', () => {
    expect(argoRollout.surgePods(workload({ strategy: { canary: { maxSurge: '100%' } } }), 3)).toBe(0);
  });

  it('is restarted by one merge patch of restartAt and our mark, without a change of its template', () => {
    const now = Date.parse('2026-11-22T21:41:00.999Z');
    expect(argoRollout.restartPatch({ token: 'run1.forward', now })).toEqual({
      type: 'merge',
      body: { metadata: { annotations: { 'istio-canary-upgrade/run': 'run1.forward' } }, spec: { restartAt: at } },
    });
  });
});
