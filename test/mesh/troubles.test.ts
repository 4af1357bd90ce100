import { describe, expect, it } from 'vitest';
import { troublesOf } from '../../src/mesh/observe/troubles.ts';
import type { Pod } from '../../src/ports/objects.ts';
import { New, Old, rolledOut, workload } from './world-fixtures.ts';

const now = Date.UTC(2026, 10, 23);
const at = (ms: number) => new Date(now + ms).toISOString();
const pod = (
  name: string,
  metadata: Partial<Pod['metadata']> = {},
  status: Pod['status'] = { phase: 'Running' },
): Pod => ({
  metadata: { name, namespace: 'baz', ...metadata },
  spec: { containers: [] },
  status,
});
const stateful = workload('baz', 'db', { kind: 'StatefulSet', id: 'StatefulSet baz/db', rollout: rolledOut });
const deployment = workload('baz', 'app');
const found = (of: typeof stateful, ...pods: Pod[]) =>
  troublesOf(of, pods, now).map(({ what, pod: name }) => [what, name]);

describe('what blocks a rollout', () => {
  it('is nothing while all pods exist, up to some seconds after the grace period of a terminating pod', () => {
    expect(found(stateful, pod('db-0'), pod('db-1', { deletionTimestamp: at(20_000) }))).toEqual([]);
    expect(found(stateful, pod('db-0'), pod('db-1', { deletionTimestamp: at(-25_000) }))).toEqual([]);
  });

  it('is nothing while the sidecar of a terminating pod drains, although the phase of the pod is final', () => {
    const drains = pod('db-1', { deletionTimestamp: at(20_000) }, { phase: 'Succeeded' });
    expect(found(stateful, pod('db-0'), drains)).toEqual([]);
  });

  it('is a pod that exists long after its grace period, with the finalizer that holds it', () => {
    const late = pod('db-1', { deletionTimestamp: at(-12_000), finalizers: ['example.com/slow'] });
    expect(troublesOf(stateful, [pod('db-0'), late], now)).toEqual([
      {
        what: 'ending',
        workload: 'StatefulSet baz/db',
        pod: 'db-1',
        revision: 'none',
        reason: 'Terminating',
        message: 'its grace period has been over for 12 s, held by example.com/slow',
        forMs: 12_000,
      },
    ]);
  });

  it('is a pod that no finalizer holds, only when its kubelet had 30 s more than its grace period', () => {
    const late = (ms: number) => found(stateful, pod('db-0'), pod('db-1', { deletionTimestamp: at(-ms) }));
    expect(late(29_000)).toEqual([]);
    expect(late(30_000)).toEqual([['ending', 'db-1']]);
  });

  it('is not a late pod of a Deployment, whose successor starts beside it', () => {
    const late = pod('app-1', { deletionTimestamp: at(-60_000) });
    expect(found(deployment, late, pod('app-2'), pod('app-3'))).toEqual([]);
  });

  it('is a missing pod of a StatefulSet, and a failed pod counts as missing', () => {
    expect(found(stateful, pod('db-0'))).toEqual([['missing', '']]);
    expect(found(stateful, pod('db-0'), pod('db-1', {}, { phase: 'Failed' }))).toEqual([['missing', '']]);
    expect(found(deployment, pod('app-1'))).toEqual([]);
  });

  const waits = (name: string, reason: string) => ({
    name,
    ready: false,
    restartCount: 5,
    state: { waiting: { reason } },
  });
  const injected = (name: string, revision: string, ...containerStatuses: ReturnType<typeof waits>[]) =>
    pod(name, { annotations: { 'istio.io/rev': revision } }, { phase: 'Running', containerStatuses });

  it('is a container that does not start; the sidecar is named before the application, which may only wait for it', () => {
    const both = injected('app-1', New, waits('app', 'CrashLoopBackOff'), waits('istio-proxy', 'ErrImagePull'));
    expect(troublesOf(deployment, [both], now)).toMatchObject([
      { what: 'starting', pod: 'app-1', reason: 'ErrImagePull', container: { name: 'istio-proxy' } },
    ]);
  });

  it.for([
    { failedBefore: true, when: 'the same container of a pod with the old proxy fails', name: 'app', revision: Old },
    { failedBefore: false, when: 'another container of it fails', name: 'log', revision: Old },
    { failedBefore: false, when: 'only pods with the new proxy fail', name: 'app', revision: New },
  ])('is known from before: $failedBefore, when $when', ({ failedBefore, name, revision }) => {
    const pods = [
      injected('app-1', New, waits('app', 'CrashLoopBackOff')),
      injected('app-2', revision, waits(name, 'CrashLoopBackOff')),
    ];
    expect(troublesOf(deployment, pods, now)[0]).toMatchObject({
      pod: 'app-1',
      container: { name: 'app', failedBefore },
    });
  });

  it('is a pod that fits on no node, with the time for which it has waited', () => {
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' };
    const waits = (more: object, metadata = {}) =>
      pod('app-2', metadata, { phase: 'Pending', conditions: [{ ...condition, ...more }] });
    expect(troublesOf(deployment, [waits({ lastTransitionTime: at(-20_000) })], now)).toMatchObject([
      { what: 'waiting', pod: 'app-2', reason: 'Unschedulable', forMs: 20_000 },
    ]);
    expect(troublesOf(deployment, [waits({}, { creationTimestamp: at(-30_000) })], now)).toMatchObject([
      { forMs: 30_000 },
    ]);
  });

  const conditions = (...own: [type: string, status: string, sinceMs: number][]) =>
    own.map(([type, status, sinceMs]) => ({ type, status, lastTransitionTime: at(-sinceMs) }));
  const runs = (name: string, ready: boolean, restartCount = 0) => ({
    name,
    ready,
    restartCount,
    state: { running: { startedAt: at(-300_000) } },
  });

  it.for([
    { name: 'istio-proxy', containers: [runs('app', false), runs('istio-proxy', false, 1)] },
    { name: 'app', containers: [runs('app', false, 4), runs('istio-proxy', true)] },
  ])('is a running pod that is not ready, by its container $name', ({ name, containers }) => {
    const unready = pod(
      'app-1',
      { annotations: { 'istio.io/rev': New } },
      { phase: 'Running', conditions: conditions(['Ready', 'False', 125_000]), containerStatuses: containers },
    );
    expect(troublesOf(deployment, [unready], now)).toMatchObject([
      { what: 'unready', pod: 'app-1', revision: New, container: { name, failedBefore: false }, forMs: 125_000 },
    ]);
  });

  it.for([
    { failedBefore: true, when: 'has the same container unready as well', metadata: {} },
    { failedBefore: false, when: 'is unready because it ends', metadata: { deletionTimestamp: at(20_000) } },
  ])('fails as before: $failedBefore, when a pod with the old proxy $when', ({ failedBefore, metadata }) => {
    const unready = (name: string, revision: string, more: object) =>
      pod(
        name,
        { annotations: { 'istio.io/rev': revision }, ...more },
        {
          phase: 'Running',
          conditions: conditions(['Ready', 'False', 23_000]),
          containerStatuses: [runs('app', false)],
        },
      );
    expect(troublesOf(deployment, [unready('app-2', New, {}), unready('app-1', Old, metadata)], now)[0]).toMatchObject({
      pod: 'app-2',
      container: { name: 'app', failedBefore },
    });
  });

  it.for([
    {
      when: 'its kubelet has reported no container since it was scheduled',
      status: { phase: 'Pending', conditions: conditions(['PodScheduled', 'True', 70_000]) },
    },
    {
      when: 'it was marked as not ready while its containers are',
      status: {
        phase: 'Running',
        conditions: conditions(['PodScheduled', 'True', 900_000], ['Ready', 'False', 70_000]),
        containerStatuses: [runs('app', true), runs('istio-proxy', true)],
      },
    },
  ])('is a pod on a node that does not report, when $when', ({ status }) => {
    expect(troublesOf(deployment, [pod('app-1', {}, status)], now)).toMatchObject([
      { what: 'node-lost', pod: 'app-1', forMs: 70_000 },
    ]);
  });

  it('is not a pod that waits for a readiness gate of another controller', () => {
    const gated: Pod = {
      ...pod('app-1', {}, { phase: 'Running', conditions: conditions(['Ready', 'False', 70_000]) }),
      spec: { containers: [], readinessGates: [{ conditionType: 'example.com/registered' }] },
    };
    expect(troublesOf(deployment, [gated], now)).toEqual([]);
  });
});
