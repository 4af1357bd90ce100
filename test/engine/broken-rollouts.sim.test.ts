import { describe, expect, it } from 'vitest';
import { Pods } from '../../src/ports/kinds.ts';
import type { Pod } from '../../src/ports/objects.ts';
import {
  configOf,
  goBack,
  goUpgrade,
  journalIn,
  New,
  Old,
  podsIn,
  seedPods,
  servingMesh,
  tagAt,
  tagIn,
  Watcher,
} from './engine-fixtures.ts';

const seed = 14;
const runsNew = ({ metadata }: Pod) => metadata.annotations?.['istio.io/rev'] === New;

describe(`an upgrade whose pods cannot start (seed ${seed})`, () => {
  it.for([
    { stage: 'image-pull', withinMs: 60_000 },
    { stage: 'crash-loop', withinMs: 60_000 },
  ] as const)(
    'rolls back within $withinMs ms when new proxies of the canary are stuck: $stage',
    async ({ stage, withinMs }) => {
      const sim = await servingMesh({ seed });
      const watcher = new Watcher(sim);
      sim.kubelet.addRule({ matches: (pod) => runsNew(pod) && pod.metadata.namespace === 'bar', stage });
      const run = await goUpgrade(sim);
      expect(run).toMatchObject({ kind: 'rolled-back' });
      expect(run.codes).toContain('ROLLOUT_BROKEN');
      const began = journalIn(sim)?.marks.waves['canary']?.startedAt ?? 0;
      expect(sim.clock.now() - began).toBeLessThan(withinMs);
      expect(podsIn(sim)).toEqual(seedPods(Old));
      expect(tagIn(sim)).toEqual(tagAt(Old));
      expect([...watcher.restarts.keys()].some((id) => id.includes(' foo/'))).toBe(false);
    },
  );

  it('holds when the canary has no room on any node: nothing can be judged, and the release is not the cause', async () => {
    const sim = await servingMesh({ seed });
    sim.kubelet.addRule({
      matches: (pod) => runsNew(pod) && pod.metadata.namespace === 'bar',
      stage: 'unschedulable',
    });
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'held', codes: ['GATE_INCONCLUSIVE'] });
  });

  it('rolls back when the new gateway cannot start, and changes no namespace', async () => {
    const sim = await servingMesh({ seed });
    const watcher = new Watcher(sim);
    sim.kubelet.addRule({
      matches: (pod) => runsNew(pod) && pod.metadata.namespace === 'istio-ingress',
      stage: 'image-pull',
    });
    expect((await goUpgrade(sim)).kind).toBe('rolled-back');
    expect([...watcher.restarts.keys()]).toEqual(['Deployment istio-ingress/istio-ingressgateway']);
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('rolls back when the sidecars of new pods run and are not ready for two minutes', async () => {
    const sim = await servingMesh({ seed });
    sim.kubelet.addRule({ matches: (pod) => runsNew(pod) && pod.metadata.namespace === 'bar', stage: 'never-ready' });
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['ROLLOUT_BROKEN'] });
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('ends as rollback-held when the rollback is stuck as well, and the next rollback completes', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.3 });
    let heal = () => {};
    sim.when(
      () => tagIn(sim)['webhook'] === New,
      () =>
        sim.when(
          () => tagIn(sim)['webhook'] === Old,
          () => {
            const matches = ({ metadata, status }: Pod) => metadata.namespace === 'bar' && status?.phase === 'Pending';
            heal = sim.kubelet.addRule({ matches, stage: 'image-pull' });
          },
        ),
    );
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'rollback-held' });
    expect(run.codes).toEqual(['GATE_FAILED', 'PODS_LEFT_BEHIND', 'ROLLOUT_BROKEN']);
    expect(tagIn(sim)).toEqual(tagAt(Old));
    expect(journalIn(sim)).toMatchObject({ state: 'rolling-back' });
    heal();
    // What waits for its image is tried again by the kubelet; here a person deletes the pods.
    for (const pod of sim.pods('bar').filter(({ status }) => status?.phase === 'Pending'))
      sim.registry.delete(Pods, pod.metadata);
    await sim.settle();
    expect((await goBack(sim, { runId: 'run2' })).kind).toBe('rolled-back');
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });
});

describe(`an upgrade that fails or is rolled back in some phase (seed ${seed})`, () => {
  it('holds and leaves the tag alone when the new istiod never gets ready', async () => {
    const sim = await servingMesh({ seed });
    const watcher = new Watcher(sim);
    sim.kubelet.addRule({
      matches: ({ metadata }) => metadata.name.startsWith(`istiod-${New}`),
      stage: 'image-pull',
    });
    const config = configOf({ more: 'pace: { rolloutTimeout: 2m }' });
    const run = await goUpgrade(sim, { config });
    expect(run.kind).toBe('held');
    expect(tagIn(sim)).toEqual(tagAt(Old));
    expect([...watcher.restarts]).toEqual([]);
    expect(watcher.blackouts).toEqual([]);
  });

  it('rolls back at once although the new istiod hangs', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.3 });
    sim.when(
      () => journalIn(sim)?.marks.waves['canary']?.readyAt !== undefined,
      () => sim.istiods.setHealth(New, 'hangs'),
    );
    const run = await goUpgrade(sim);
    expect(run.kind).toBe('rolled-back');
    const failed = run.events.find(({ kind }) => kind === 'verdict')?.at ?? 0;
    const tagBack = run.events.find(
      (event) => event.kind === 'effect-done' && event.effect.kind === 'move-tag' && event.effect.revision === Old,
    );
    expect((tagBack?.at ?? Number.POSITIVE_INFINITY) - failed).toBeLessThanOrEqual(1_000);
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('refuses a rollback after the old istiod was uninstalled, and the next run completes it', async () => {
    const sim = await servingMesh({ seed });
    const at = (event: { kind: string; effect?: { kind: string } }) =>
      event.kind === 'effect-done' && event.effect?.kind === 'uninstall';
    expect((await goUpgrade(sim, { disturb: { at, how: 'kill' } })).kind).toBe('killed');
    expect(await goBack(sim, { runId: 'run2' })).toMatchObject({ kind: 'thrown', codes: ['TOO_LATE_TO_ROLL_BACK'] });
    expect(tagIn(sim)).toEqual(tagAt(New));
    expect((await goUpgrade(sim, { runId: 'run3' })).kind).toBe('completed');
  });

  it('is rolled back from stage 7 by a command, and later started again as a new upgrade', async () => {
    const sim = await servingMesh({ seed });
    expect((await goUpgrade(sim, { through: 'rest' })).kind).toBe('reached');
    expect(podsIn(sim)).toEqual(seedPods(New));
    expect((await goBack(sim)).kind).toBe('rolled-back');
    expect(podsIn(sim)).toEqual(seedPods(Old));
    expect(await goBack(sim)).toMatchObject({ kind: 'thrown', codes: ['NO_UPGRADE_TO_ROLL_BACK'] });
    // The pods of the rollback have no samples before the next scrape.
    await sim.advance(60_000);
    expect((await goUpgrade(sim, { runId: 'run9' })).kind).toBe('completed');
    expect(podsIn(sim)).toEqual(seedPods(New));
  });
});
