import { describe, expect, it } from 'vitest';
import { createSim, type Sim } from '../../../harness/rehearsal/sim/create-sim.ts';
import { DaemonSets, Deployments, Pods, StatefulSets } from '../../../src/ports/kinds.ts';
import type { Kind } from '../../../src/ports/kubernetes.ts';
import type { WorkloadObject } from '../../../src/ports/objects.ts';

const restart = (sim: Sim, kind: Kind, namespace: string, name: string, at = 'now') =>
  sim.registry.patch(
    kind,
    { name, namespace },
    {
      type: 'strategic-merge',
      body: { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': at } } } } },
    },
    { manager: 'kubectl-rollout' },
  );
const get = (sim: Sim, kind: Kind, namespace: string, name: string) =>
  sim.registry.get<WorkloadObject>(kind, name, namespace);

describe('a restart of a Deployment (40-rollout)', () => {
  it('begins with the old observedGeneration and all counts full, and ends with NewReplicaSetAvailable', async () => {
    const sim = await createSim({ more: [{ name: 'four', workloads: [{ name: 'four', replicas: 4 }] }] });
    const seen: { gen: number; obs: number; ready: number; rep: number; upd: number; reason: string }[] = [];
    sim.store.onChange(({ kind, object }) => {
      if (kind.plural !== 'deployments' || object.metadata.name !== 'four') return;
      const { metadata, status = {} } = object as WorkloadObject;
      seen.push({
        gen: metadata.generation ?? 0,
        obs: status.observedGeneration ?? 0,
        rep: status.replicas ?? 0,
        upd: status.updatedReplicas ?? 0,
        ready: status.readyReplicas ?? 0,
        reason: status.conditions?.find(({ type }) => type === 'Progressing')?.reason ?? '',
      });
    });
    restart(sim, Deployments, 'four', 'four');
    await sim.settle();

    expect(seen[0]).toEqual({ gen: 2, obs: 1, rep: 4, upd: 4, ready: 4, reason: 'NewReplicaSetAvailable' });
    expect(seen).toContainEqual({ gen: 2, obs: 1, rep: 4, upd: 4, ready: 4, reason: 'NewReplicaSetCreated' });
    expect(seen.at(-1)).toEqual({ gen: 2, obs: 2, rep: 4, upd: 4, ready: 4, reason: 'NewReplicaSetAvailable' });
    expect(seen.some(({ reason }) => reason === 'ReplicaSetUpdated')).toBe(true);
    // maxUnavailable 25% of 4 is one.
    expect(Math.min(...seen.map(({ ready }) => ready))).toBeGreaterThanOrEqual(3);
  });

  it('gives pods names of the ReplicaSet with the hash of the template, and one write is one generation', async () => {
    const sim = await createSim();
    const before = get(sim, Deployments, 'foo', 'foo').metadata.generation;
    restart(sim, Deployments, 'foo', 'foo');
    await sim.settle();
    expect(get(sim, Deployments, 'foo', 'foo').metadata.generation).toBe((before ?? 0) + 1);
    for (const { metadata } of sim.pods('foo')) {
      expect(metadata.name).toMatch(
        new RegExp(`^foo-${metadata.labels?.['pod-template-hash']}-[bcdfghjklmnpqrstvwxz2456789]{5}$`),
      );
    }
  });

  it('does nothing while it is paused, though the generation is observed', async () => {
    const sim = await createSim({ more: [{ name: 'p', workloads: [{ name: 'p', replicas: 2 }] }] });
    sim.registry.patch(Deployments, { name: 'p', namespace: 'p' }, { type: 'merge', body: { spec: { paused: true } } });
    await sim.settle();
    const pods = sim.pods('p').map(({ metadata }) => metadata.uid);
    restart(sim, Deployments, 'p', 'p');
    await sim.settle();
    expect(sim.pods('p').map(({ metadata }) => metadata.uid)).toEqual(pods);
    const { metadata, status } = get(sim, Deployments, 'p', 'p');
    expect(status?.observedGeneration).toBe(metadata.generation);
  });

  it('never has old and new pods together with the strategy Recreate', async () => {
    const recreate = { name: 'r', replicas: 3, spec: { strategy: { type: 'Recreate' } } };
    const sim = await createSim({ more: [{ name: 'r', workloads: [recreate] }] });
    let mixed = false;
    sim.clock.onEvent(() => {
      mixed ||= new Set(sim.pods('r').map(({ metadata }) => metadata.labels?.['pod-template-hash'])).size > 1;
    });
    restart(sim, Deployments, 'r', 'r');
    await sim.settle();
    expect(mixed).toBe(false);
    expect(get(sim, Deployments, 'r', 'r').status).toMatchObject({ updatedReplicas: 3, readyReplicas: 3 });
  });

  // ReplicaSetsByCreationTimestamp in cleanupUnhealthyReplicas of the Deployment controller.
  it('ends unhealthy pods of the oldest ReplicaSet first', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const sim = await createSim({ more: [{ name: 'sick', workloads: names.map((name) => ({ name })) }] });
    sim.kubelet.addRule({ matches: ({ metadata }) => metadata.namespace === 'sick', stage: 'never-ready' });
    for (const { metadata } of sim.pods('sick')) sim.registry.delete(Pods, metadata);
    for (const at of ['first', 'second']) {
      await sim.advance(10_000);
      for (const name of names) restart(sim, Deployments, 'sick', name, at);
    }
    await sim.advance(10_000);
    const templates = (name: string) =>
      sim
        .pods('sick')
        .filter(({ metadata }) => metadata.labels?.['app'] === name)
        .map(({ metadata }) => metadata.annotations?.['kubectl.kubernetes.io/restartedAt'])
        .sort();
    expect(names.map(templates)).toEqual(names.map(() => ['first', 'second']));
  });

  it('counts a pod as not ready as soon as it crashes', async () => {
    const sim = await createSim();
    const heal = sim.kubelet.addRule({ matches: ({ metadata }) => metadata.namespace === 'foo', stage: 'crash-loop' });
    await sim.advance(5000);
    expect(get(sim, Deployments, 'foo', 'foo').status?.readyReplicas ?? 0).toBe(0);
    heal();
    await sim.settle();
    expect(get(sim, Deployments, 'foo', 'foo').status).toMatchObject({ readyReplicas: 2 });
  });

  it.for([
    { fault: 'image-pull', reason: 'ErrImagePull' },
    { fault: 'crash-loop', reason: 'CrashLoopBackOff' },
  ] as const)(
    'gets stuck with $reason, and says ProgressDeadlineExceeded after ten minutes',
    async ({ fault, reason }) => {
      const sim = await createSim();
      const old = new Set(sim.pods('foo').map(({ metadata }) => metadata.uid));
      const heal = sim.kubelet.addRule({
        matches: ({ metadata }) => metadata.namespace === 'foo' && !old.has(metadata.uid),
        stage: fault,
      });
      restart(sim, Deployments, 'foo', 'foo');
      await sim.advance(5000);
      const waiting = sim
        .pods('foo')
        .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
        .map(({ state }) => state?.waiting?.reason);
      expect(waiting).toContain(reason);
      await sim.advance(11 * 60_000);
      expect(get(sim, Deployments, 'foo', 'foo').status?.conditions).toContainEqual(
        expect.objectContaining({ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }),
      );
      heal();
      await sim.settle();
      expect(get(sim, Deployments, 'foo', 'foo').status).toMatchObject({ updatedReplicas: 2, readyReplicas: 2 });
    },
  );
});

describe('other workloads', () => {
  it('updates a StatefulSet from the last ordinal down, one pod at a time', async () => {
    const sim = await createSim();
    const added: string[] = [];
    sim.store.onChange(({ kind, object, type }) => {
      if (kind.plural === 'pods' && type === 'ADDED') added.push(object.metadata.name);
    });
    restart(sim, StatefulSets, 'baz', 'db');
    await sim.settle();
    expect(added).toEqual(['db-1', 'db-0']);
    const { status } = get(sim, StatefulSets, 'baz', 'db');
    expect(status?.currentRevision).toBe(status?.updateRevision);
  });

  it('leaves ordinals below the partition of a StatefulSet as they were', async () => {
    const sim = await createSim();
    const partition = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } };
    sim.registry.patch(StatefulSets, { name: 'db', namespace: 'baz' }, { type: 'merge', body: { spec: partition } });
    restart(sim, StatefulSets, 'baz', 'db');
    await sim.settle();
    const { status } = get(sim, StatefulSets, 'baz', 'db');
    expect(status).toMatchObject({ updatedReplicas: 1, currentReplicas: 1, readyReplicas: 2 });
    expect(status?.currentRevision).not.toBe(status?.updateRevision);
  });

  it('replaces the pods of a DaemonSet one node at a time', async () => {
    const sim = await createSim();
    let fewest = 3;
    sim.clock.onEvent(() => {
      fewest = Math.min(fewest, get(sim, DaemonSets, 'baz', 'agent').status?.numberReady ?? 3);
    });
    restart(sim, DaemonSets, 'baz', 'agent');
    await sim.settle();
    expect(fewest).toBe(2);
    expect(get(sim, DaemonSets, 'baz', 'agent').status).toMatchObject({ updatedNumberScheduled: 3, numberReady: 3 });
  });

  it.for([
    { kind: StatefulSets, name: 'db' },
    { kind: DaemonSets, name: 'agent' },
  ])('leaves $name alone with the strategy OnDelete', async ({ kind, name }) => {
    const sim = await createSim();
    sim.registry.patch(
      kind,
      { name, namespace: 'baz' },
      { type: 'merge', body: { spec: { updateStrategy: { type: 'OnDelete', rollingUpdate: null } } } },
    );
    const before = sim.pods('baz').map(({ metadata }) => metadata.uid);
    restart(sim, kind, 'baz', name);
    await sim.settle();
    expect(sim.pods('baz').map(({ metadata }) => metadata.uid)).toEqual(before);
  });
});
