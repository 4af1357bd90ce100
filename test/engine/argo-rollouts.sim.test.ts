import { describe, expect, it } from 'vitest';
import { simRun } from '../../harness/rehearsal/backends/sim-run.ts';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import type { SeedWorkload } from '../../harness/rehearsal/sim/seed-mesh.ts';
import { check } from '../../src/engine/check.ts';
import type { KubernetesObject } from '../../src/model/kubernetes-object.ts';
import { ArgoRollouts, Deployments, DisruptionBudgets, Pods } from '../../src/ports/kinds.ts';
import type { WorkloadObject } from '../../src/ports/objects.ts';
import { configOf, goBack, goUpgrade, New, Old, podsIn, seedPods, servingMesh } from './engine-fixtures.ts';

const seed = 31;
const shop = (workloads: readonly SeedWorkload[]) => ({
  name: 'shop',
  labels: { 'istio.io/rev': 'default' },
  workloads,
});
const rollout = (spec: object = {}, replicas = 3): SeedWorkload => ({ kind: 'Rollout', name: 'it', replicas, spec });
const meshWith = async (...workloads: readonly SeedWorkload[]): Promise<Sim> =>
  await servingMesh({ seed, more: [shop(workloads)] });
const live = (sim: Sim): WorkloadObject & { status?: { phase?: string } } =>
  sim.registry.get<WorkloadObject>(ArgoRollouts, 'it', 'shop');
const tokenOf = (sim: Sim): string | undefined => live(sim).metadata.annotations?.['istio-canary-upgrade/run'];
const discoveries = (sim: Sim): string[] => {
  const seen: string[] = [];
  sim.transport.interceptors.push(({ path }) => {
    if (path.includes('argoproj.io')) seen.push(path);
    return undefined;
  });
  return seen;
};
const patchRollout = (sim: Sim, body: object) =>
  sim.registry.patch(ArgoRollouts, { name: 'it', namespace: 'shop' }, { type: 'merge', body }, { manager: 'kubectl' });

describe('an upgrade of a mesh with an Argo Rollout', () => {
  it('restarts the Argo Rollout pod by pod in its own ReplicaSet, and begins no update of its own', async () => {
    const sim = await meshWith(rollout({ strategy: { canary: { steps: [{ pause: {} }] } } }));
    let fewest = 3;
    sim.store.onChange(({ kind, object }) => {
      if (kind.plural === ArgoRollouts.plural)
        fewest = Math.min(fewest, (object as WorkloadObject).status?.availableReplicas ?? 0);
    });
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'completed', codes: [] });
    expect(podsIn(sim)['shop']).toEqual({ [New]: 3 });
    expect(fewest).toBe(2);
    expect(tokenOf(sim)).toMatch(/^run1\.forward\./);
    expect(live(sim).status?.phase).toBe('Healthy');
    expect(run.effects.filter((effect) => effect.includes('Rollout'))).toEqual(['restart Rollout shop/it']);
  });

  it('restarts an Argo Rollout whose own update waits for a person', async () => {
    const sim = await meshWith(rollout({ strategy: { canary: { steps: [{ pause: {} }] } } }));
    patchRollout(sim, { spec: { template: { metadata: { annotations: { version: 'two' } } } } });
    await sim.advance(60_000);
    expect(live(sim).status?.phase).toBe('Paused');
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'completed' });
    expect(podsIn(sim)['shop']).toEqual({ [New]: 3 });
    expect(live(sim).status?.phase).toBe('Paused');
  });

  it('rolls the Argo Rollout back by a later restart', async () => {
    const sim = await meshWith(rollout());
    await goUpgrade(sim, { through: 'rest' });
    const forward = live(sim).spec.restartAt ?? '';
    expect(await goBack(sim, { runId: 'run2' })).toMatchObject({ kind: 'rolled-back' });
    expect(podsIn(sim)['shop']).toEqual({ [Old]: 3 });
    expect(Date.parse(live(sim).spec.restartAt ?? '')).toBeGreaterThan(Date.parse(forward));
    expect(tokenOf(sim)).toMatch(/^run1\.back\./);
  });

  it('holds the rollback at a pod that cannot start, and completes it once a person has deleted that pod', async () => {
    const sim = await meshWith(rollout());
    sim.kubelet.addRule({
      matches: ({ metadata }) => metadata.namespace === 'shop' && metadata.annotations?.['istio.io/rev'] === New,
      stage: 'image-pull',
    });
    const run = await goUpgrade(sim);
    expect(run.kind).toBe('rollback-held');
    expect(new Set(run.codes)).toEqual(new Set(['ROLLOUT_BROKEN', 'WORKLOAD_BROKEN', 'PODS_LEFT_BEHIND']));
    expect(podsIn(sim)['shop']).toEqual({ [Old]: 2, [`${New}, not ready`]: 1 });
    const [broken] = sim.pods('shop').filter(({ metadata }) => metadata.annotations?.['istio.io/rev'] === New);
    expect(run.outcome?.problems[0]?.fix).toContain(`delete ${broken?.metadata.name}`);
    sim.registry.delete(Pods, { name: broken?.metadata.name ?? '', namespace: 'shop' });
    await sim.advance(30 * 60_000);
    expect(await goBack(sim, { runId: 'run2' })).toMatchObject({ kind: 'rolled-back' });
    expect(podsIn(sim)['shop']).toEqual({ [Old]: 3 });
  });

  it('sets the Argo Rollout aside when a PodDisruptionBudget forbids every eviction, and names that reason', async () => {
    const sim = await meshWith(rollout());
    sim.registry.create(
      DisruptionBudgets,
      {
        metadata: { name: 'all', namespace: 'shop' },
        spec: { minAvailable: 3, selector: { matchLabels: { app: 'it' } } },
      } as KubernetesObject,
      { manager: 'kubectl' },
    );
    const run = await goUpgrade(sim, { config: configOf({ more: 'pace: { rolloutTimeout: 3m }' }) });
    expect(run).toMatchObject({ kind: 'held', codes: ['OLD_REVISION_IN_USE'] });
    const told = run.events.find((event) => event.kind === 'problem');
    expect(told?.problem).toMatchObject({ code: 'ROLLOUT_STUCK', objects: ['Rollout shop/it'] });
    expect(told?.problem.message).toContain('a PodDisruptionBudget can forbid');
    expect(podsIn(sim)).toMatchObject(seedPods(New));
    expect(podsIn(sim)['shop']).toEqual({ [Old]: 3 });
  });
});

describe('a Rollout that takes the pod template of a Deployment', () => {
  const reference = (scaleDown?: string) =>
    rollout({
      template: undefined,
      workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'source', ...(scaleDown && { scaleDown }) },
    });
  const source: SeedWorkload = { name: 'source', replicas: 1, spec: { selector: { matchLabels: { app: 'it' } } } };
  const template = { metadata: { labels: { app: 'it' } } };

  it('is restarted, and its Deployment without pods is left alone', async () => {
    const sim = await meshWith({ ...source, template }, reference('onsuccess'));
    const { generation } = sim.registry.get(Deployments, 'source', 'shop').metadata;
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'completed' });
    expect(podsIn(sim)['shop']).toEqual({ [New]: 3 });
    expect(sim.registry.get(Deployments, 'source', 'shop').metadata.generation).toBe(generation);
  });

  it('keeps its Deployment from being restarted while that has pods, since it would begin an update', async () => {
    const sim = await meshWith({ ...source, template }, reference());
    const { run, cluster } = await sim.run(simRun(sim));
    const { findings } = await sim.run(check(run, configOf()));
    await sim.run(cluster.close());
    expect(findings.find(({ code }) => code === 'WORKLOAD_WILL_NOT_MOVE')?.objects).toEqual([
      'Deployment shop/source: Rollout shop/it uses its pod template, and a change of it begins an update there',
    ]);
  });
});

describe('a cluster without Argo Rollouts', () => {
  it('is asked once in a run whether it serves them', async () => {
    const sim = await servingMesh({ seed });
    const asked = discoveries(sim);
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'completed' });
    expect(asked).toEqual(['/apis/argoproj.io/v1alpha1']);
  });

  it('needs no right to them', async () => {
    const sim = await servingMesh({ seed });
    sim.transport.access.deny({ verb: 'list', resource: 'rollouts' });
    expect(await goUpgrade(sim, { through: 'canary' })).toMatchObject({ kind: 'reached' });
  });
});

describe('a cluster with Argo Rollouts', () => {
  it('refuses a user that may not list them, and does not take them for none', async () => {
    const sim = await meshWith(rollout());
    sim.transport.access.deny({ verb: 'list', resource: 'rollouts' });
    await expect(goUpgrade(sim)).rejects.toMatchObject({ reason: 'Forbidden' });
    expect(sim.store.list(Pods, 'shop')).toHaveLength(3);
  });
});
