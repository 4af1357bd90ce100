import { describe, expect, it } from 'vitest';
import { type Plan, reversed } from '../../src/model/plan.ts';
import { unfinished } from '../../src/model/restart-mark.ts';
import type { Comparison, Trouble, Workload } from '../../src/model/world.ts';
import { brokenRollouts, exceptionsOf, nextRestarts, restartShortfalls } from '../../src/rollout/next-restarts.ts';
import { New, noMarks, Old, plan, rolledOut, workload } from '../mesh/world-fixtures.ts';

const rolling = { ...rolledOut, complete: false, waitingFor: '1 of 2 pods updated', ready: 1 };
const ours = { restartedBy: { runId: 'run1', direction: 'forward' as const } };
const Other = '1-29-0';
const names = (effects: ReturnType<typeof nextRestarts>) =>
  effects.flatMap((effect) => (effect.kind === 'restart-workload' ? [effect.workload.name] : []));

describe('the next restarts', () => {
  it.for([
    { next: ['a'], when: 'its pods run the old proxy', more: {} },
    { next: [], when: 'its pods run the new proxy', more: { pods: new Map([[New, 2]]) } },
    {
      next: [],
      when: 'its pods have no proxy, and had none when the upgrade began',
      more: { id: 'Deployment n/bare', pods: new Map([['none' as const, 2]]) },
    },
    {
      next: ['a'],
      when: 'its pods have no proxy, and had one when the upgrade began',
      more: { pods: new Map([['none' as const, 2]]) },
    },
    { next: [], when: 'it has no pods', more: { pods: new Map() } },
    { next: [], when: 'this run restarted it already', more: ours },
    {
      next: ['a'],
      when: 'another run restarted it',
      more: { restartedBy: { runId: 'run0', direction: 'forward' as const } },
    },
    { next: [], when: 'it is paused', more: { unrestartable: 'it is paused' } },
  ])('of one workload are $next when $when', ({ next, more }) => {
    expect(names(nextRestarts([workload('n', 'a', more)], plan({ bare: ['Deployment n/bare'] })))).toEqual(next);
  });

  it('are limited to the cap minus the workloads that roll out', () => {
    const capped = plan({ pace: { workloadsAtOnce: 3, rolloutTimeoutMs: 1, roomTimeoutMs: 1, patienceMs: 1 } });
    const waiting = ['c', 'd', 'e'].map((name) => workload('n', name));
    const inFlight = ['a', 'b'].map((name) => workload('n', name, { ...ours, rollout: rolling }));
    expect(names(nextRestarts([...inFlight, ...waiting], capped))).toEqual(['c']);
    expect(
      names(nextRestarts([...inFlight, workload('n', 'x', { ...ours, rollout: rolling }), ...waiting], capped)),
    ).toEqual([]);
  });

  it('note the template of a workload whose last rollout had not ended as unfinished, since it did not prove that it comes up', () => {
    const templates = (direction: Plan) =>
      nextRestarts(
        [
          workload('n', 'a', { rollout: rolling, pods: new Map([[Other, 2]]) }),
          workload('n', 'b', { pods: new Map([[Other, 2]]) }),
        ],
        direction,
      ).map((effect) => (effect.kind === 'restart-workload' ? effect.by.template : undefined));
    const { hash } = workload('n', 'b').template;
    expect(templates(plan())).toEqual([unfinished, hash]);
    // A rollback replaces what does not come up.
    expect(templates(reversed(plan()))).toEqual([hash, hash]);
  });

  it('of a rollback include a rollout of the upgrade that has not created a pod yet', () => {
    const back = reversed(plan());
    expect(names(nextRestarts([workload('n', 'a', { ...ours, rollout: rolling })], back))).toEqual(['a']);
    expect(names(nextRestarts([workload('n', 'a', ours)], back))).toEqual([]);
  });
});

describe('what a restart still lacks', () => {
  it.for([
    { is: ['0 of 2 pods on 1-31-0'], when: 'it was not restarted', more: {} },
    {
      is: ['0 of 2 pods on 1-31-0, the old pods are ending'],
      when: 'it was restarted while no webhook injected its pods',
      more: { ...ours, pods: new Map([['none' as const, 2]]) },
    },
    {
      is: ['1 of 2 pods on 1-31-0, 1 of 2 pods updated'],
      when: 'it rolls out',
      more: {
        ...ours,
        rollout: rolling,
        pods: new Map([
          [Old, 1],
          [New, 1],
        ]),
      },
    },
    {
      is: ['1 of 2 pods updated'],
      when: 'its new pods are not ready',
      more: { ...ours, rollout: rolling, pods: new Map([[New, 2]]) },
    },
    { is: [], when: 'all its pods are new and ready', more: { ...ours, pods: new Map([[New, 2]]) } },
    {
      is: [],
      when: 'another client rolls out a workload without a proxy',
      more: { id: 'Deployment n/bare', rollout: rolling, pods: new Map([['none' as const, 2]]) },
    },
    { is: [], when: 'it cannot be restarted', more: { unrestartable: 'it is paused' } },
  ])('is $is when $when', ({ is, more }) => {
    expect(
      restartShortfalls(
        { workloads: [workload('n', 'a', more)], troubles: [] },
        plan({ bare: ['Deployment n/bare'] }),
      ).map((each) => each.is),
    ).toEqual(is);
  });

  it('lists workloads that cannot be restarted apart, with the reason', () => {
    expect(exceptionsOf([workload('n', 'a', { unrestartable: 'it is paused' }), workload('n', 'b')], plan())).toEqual([
      'Deployment n/a: it is paused',
    ]);
  });
});

describe('signs that waiting does not help', () => {
  const brokenOf = (
    own: Workload,
    {
      troubles = [],
      stillMs = 0,
      refusals = [],
    }: { troubles?: Trouble[]; stillMs?: number; refusals?: Comparison[] } = {},
  ) =>
    brokenRollouts(
      { workloads: [own], troubles, stillFor: new Map([[own.id, stillMs]]), marks: noMarks, refusals },
      [own],
      plan(),
    );
  const troubleOf = (own: Workload, more: Partial<Trouble>): Trouble => ({
    what: 'starting',
    workload: own.id,
    pod: 'a-1',
    revision: New,
    reason: '',
    message: 'so it is',
    forMs: 0,
    ...more,
  });

  it.for([
    { what: 'ending', afterMs: 0, codes: ['POD_DOES_NOT_END'] },
    { what: 'missing', afterMs: 29_000, codes: [] },
    { what: 'missing', afterMs: 30_000, codes: ['REFUSAL_UNEXPLAINED'] },
  ] as const)('of a pod that is $what, $afterMs ms after the last change, are $codes', ({ what, afterMs, codes }) => {
    const own = workload('n', 'a', { kind: 'StatefulSet' });
    const troubles = [troubleOf(own, { what, revision: 'none' })];
    expect(brokenOf(own, { troubles, stillMs: afterMs }).map(({ code }) => code)).toEqual(codes);
  });

  const broken = (more: Parameters<typeof workload>[2], stillMs = 0) =>
    brokenOf(workload('n', 'a', more), { stillMs }).map(({ code }) => code);

  it.for([
    { refused: 'exceeded quota: compute', afterMs: 9_000, codes: [] },
    { refused: 'exceeded quota: compute', afterMs: 10_000, codes: ['NO_ROOM'] },
    { refused: 'denied by a policy', afterMs: 29_000, codes: [] },
    { refused: 'denied by a policy', afterMs: 30_000, codes: ['REFUSAL_UNEXPLAINED'] },
    { refused: 'failed calling webhook "validate.kyverno.svc-fail"', afterMs: 30_000, codes: ['REFUSAL_UNEXPLAINED'] },
    { refused: 'failed calling webhook "rev.namespace.sidecar-injector.istio.io"', afterMs: 29_000, codes: [] },
    {
      refused: 'failed calling webhook "rev.namespace.sidecar-injector.istio.io"',
      afterMs: 30_000,
      codes: ['INJECTION_FAILS'],
    },
  ])('of pods refused by $refused, $afterMs ms after the last change, are $codes', ({ refused, afterMs, codes }) => {
    expect(broken({ ...ours, rollout: { ...rolling, refused } }, afterMs)).toEqual(codes);
  });

  it('are a rollout past its deadline, one that stands still, and a restart without effect', () => {
    expect(broken({ ...ours, rollout: { ...rolling, stuck: true } })).toEqual(['ROLLOUT_STUCK']);
    expect(broken({ ...ours, rollout: rolling }, 899_000)).toEqual([]);
    expect(broken({ ...ours, rollout: rolling }, 900_000)).toEqual(['ROLLOUT_STUCK']);
    expect(broken(ours, 15_000)).toEqual(['RESTART_IN_VAIN']);
  });

  it('of a pod that waits for room are named while the rollout is waited for', () => {
    const message = '0/3 nodes are available: 3 Insufficient cpu.';
    const rolls = workload('n', 'a', { ...ours, rollout: rolling });
    const troubles = [troubleOf(rolls, { what: 'waiting', reason: 'Unschedulable', message })];
    expect(restartShortfalls({ workloads: [rolls], troubles }, plan())[0]?.is).toContain(
      `pod a-1 waits for room: ${message}`,
    );
  });

  it('of a pod are no longer said once every pod runs the new proxy and is ready', () => {
    const arrived = workload('n', 'a', { ...ours, kind: 'DaemonSet', pods: new Map([[New, 2]]) });
    const lost = [troubleOf(arrived, { what: 'node-lost', reason: 'NodeLost', forMs: 600_000 })];
    expect(brokenOf({ ...arrived, rollout: rolling }, { troubles: lost }).map(({ code }) => code)).toEqual([
      'NODE_LOST',
    ]);
    expect(brokenOf(arrived, { troubles: lost })).toEqual([]);
  });

  it('of a StatefulSet ask a person to delete its broken pod (kubernetes/kubernetes#67250)', () => {
    const own = workload('n', 'db', { ...ours, kind: 'StatefulSet', id: 'StatefulSet n/db' });
    const container = { name: 'istio-proxy', failedBefore: false, restarts: 0 };
    const found = brokenOf(own, { troubles: [troubleOf(own, { pod: 'db-1', container, forMs: 30_000 })] });
    expect(found[0]?.fix).toContain('delete db-1 after the repair');
  });

  it('are neither a stuck rollout of another client nor a restart without a change for 14 s', () => {
    expect(broken({ rollout: { ...rolling, stuck: true } })).toEqual([]);
    expect(broken(ours, 14_000)).toEqual([]);
  });
});
