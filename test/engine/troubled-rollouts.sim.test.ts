import { describe, expect, it } from 'vitest';
import { StatusFailure } from '../../harness/rehearsal/sim/api-server/status-failure.ts';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import type { SeedWorkload } from '../../harness/rehearsal/sim/seed-mesh.ts';
import type { TimedEvent } from '../../src/model/events.ts';
import type { KubernetesObject } from '../../src/model/kubernetes-object.ts';
import { Deployments, DisruptionBudgets, Pods } from '../../src/ports/kinds.ts';
import { renderFinding } from '../../src/report/render-event.ts';
import {
  configOf,
  goUpgrade,
  journalIn,
  New,
  Old,
  podsIn,
  seedPods,
  servingMesh,
  tagIn,
  Watcher,
} from './engine-fixtures.ts';

const seed = 31;
const secondsMs = 1_000;

/** A namespace `shop` of the tag, in the wave `rest`, with one workload `it`. */
const shop = (workload: Partial<SeedWorkload> = {}) => ({
  name: 'shop',
  labels: { 'istio.io/rev': 'default' },
  workloads: [{ name: 'it', replicas: 2, ...workload }],
});
const meshWith = async (workload?: Partial<SeedWorkload>): Promise<Sim> =>
  await servingMesh({ seed, more: [shop(workload)] });

const ofShop = (pod: { metadata: KubernetesObject['metadata'] }) =>
  pod.metadata.namespace === 'shop' && pod.metadata.annotations?.['istio.io/rev'] === New;

const pause = (sim: Sim) =>
  sim.registry.patch(
    Deployments,
    { name: 'it', namespace: 'shop' },
    { type: 'merge', body: { spec: { paused: true } } },
    { manager: 'kubectl' },
  );

/** Everything that was said in a run, as a person reads it. */
const wordsOf = (run: Awaited<ReturnType<typeof goUpgrade>>): string =>
  [
    ...run.events.flatMap((event) => (event.kind === 'stage-done' ? [event.proof] : [])),
    ...(run.outcome?.problems ?? []).flatMap(renderFinding),
  ].join('\n');

const exceeded = 'exceeded quota: compute, requested: pods=1, used: pods=2, limited: pods=2';

/** From now on no pod is created in the namespace `shop`. */
const refuse = (sim: Sim, why: string) =>
  sim.registry.useAdmission(({ object, operation }) => {
    if (operation === 'CREATE' && object.kind === 'Pod' && object.metadata.namespace === 'shop')
      throw new StatusFailure(403, 'Forbidden', `pods "${object.metadata.name}" is forbidden: ${why}`);
    return object;
  });

/** What stops a wave: seen from the cluster within seconds, the workload named with the reason. */
const stopping: readonly {
  trouble: string;
  kind: 'rolled-back' | 'held';
  code: string;
  says: RegExp;
  make: (sim: Sim) => void;
}[] = [
  {
    trouble: 'an image that cannot be pulled',
    kind: 'rolled-back',
    code: 'ROLLOUT_BROKEN',
    says: /Deployment shop\/it: container istio-\w+ of pod it-\S+ cannot start: ErrImagePull/,
    make: (sim) => void sim.kubelet.addRule({ matches: ofShop, stage: 'image-pull' }),
  },
  {
    trouble: 'a crash loop',
    kind: 'rolled-back',
    code: 'ROLLOUT_BROKEN',
    says: /Deployment shop\/it: container istio-\w+ of pod it-\S+ cannot start: CrashLoopBackOff/,
    make: (sim) => void sim.kubelet.addRule({ matches: ofShop, stage: 'crash-loop' }),
  },
];

describe(`a rollout in trouble (seed ${seed})`, () => {
  it.for(stopping)('$trouble: $kind by $code within 40 seconds', async ({ kind, code, says, make }) => {
    const sim = await meshWith();
    make(sim);
    let restartedAt = 0;
    const stop = sim.store.onChange(({ kind: changed, object }) => {
      if (restartedAt === 0 && changed.plural === Deployments.plural && object.metadata.namespace === 'shop')
        restartedAt = sim.clock.now();
    });
    const run = await goUpgrade(sim);
    void stop;
    expect([run.kind, run.codes]).toEqual([kind, [code]]);
    expect(wordsOf(run)).toMatch(says);
    const told = run.events.find(({ kind: what }) => what === 'problem')?.at ?? Number.POSITIVE_INFINITY;
    expect(told - restartedAt).toBeLessThan(40 * secondsMs);
    // The old pods have served all the time.
    if (kind === 'held') expect(podsIn(sim)['shop']).toEqual({ [Old]: 2 });
  });

  it('waits for room on a node as long as an autoscaler needs, and names the pod and the reason within seconds', async () => {
    const sim = await meshWith();
    const addNode = sim.kubelet.addRule({ matches: ofShop, stage: 'unschedulable' });
    const restarted = () => sim.pods('shop').length > 2;
    let restartedAt = 0;
    sim.when(restarted, () => {
      restartedAt = sim.clock.now();
      sim.in(120 * secondsMs, addNode);
    });
    const run = await goUpgrade(sim);
    expect(run.kind).toBe('completed');
    const isNamed = (event: TimedEvent) =>
      /pod it-\S+ waits for room: 0\/3 nodes are available/.test(JSON.stringify(event));
    const named = run.events.find(isNamed)?.at ?? Number.POSITIVE_INFINITY;
    expect(named - restartedAt).toBeLessThan(20 * secondsMs);
  });

  it.for([
    {
      trouble: 'no node has had room for pace.roomTimeout',
      code: 'NO_ROOM',
      says: /Deployment shop\/it: pod it-\S+ cannot start: Unschedulable: 0\/3 nodes are available/,
      make: (sim: Sim) => void sim.kubelet.addRule({ matches: ofShop, stage: 'unschedulable' }),
    },
    {
      trouble: 'a policy refuses its pods, whatever their sidecar is',
      code: 'PODS_REFUSED',
      says: /Deployment shop\/it: its new pods are refused: .*a policy denies it/,
      make: (sim: Sim) =>
        sim.when(
          () => tagIn(sim)['webhook'] === New,
          () => void refuse(sim, 'a policy denies it'),
        ),
    },
    {
      trouble: 'the quota of its namespace is used up',
      code: 'NO_ROOM',
      says: /Deployment shop\/it: its new pods are refused: .*exceeded quota/,
      make: (sim: Sim) => refuse(sim, exceeded),
    },
    {
      trouble: 'the image of the application cannot be pulled',
      code: 'WORKLOAD_BROKEN',
      says: /Deployment shop\/it: container \S+ of pod it-\S+ cannot start: ErrImagePull/,
      make: (sim: Sim) => void sim.kubelet.addRule({ matches: ofShop, stage: 'app-image-pull' }),
    },
    {
      trouble: 'the application has crashed with the old proxy as well',
      code: 'WORKLOAD_BROKEN',
      says: /Deployment shop\/it: container \S+ of pod it-\S+ cannot start: CrashLoopBackOff/,
      make: (sim: Sim) =>
        void sim.kubelet.addRule({
          matches: ({ metadata }) => metadata.namespace === 'shop',
          stage: 'app-crash-loop',
        }),
    },
  ])(
    'sets the workload aside when $trouble: the others go on, and the old istiod stays',
    async ({ code, says, make }) => {
      const sim = await meshWith();
      make(sim);
      await sim.advance(10 * secondsMs);
      const run = await goUpgrade(sim);
      expect([run.kind, run.codes]).toEqual(['held', ['OLD_REVISION_IN_USE']]);
      const told = run.events.find((event) => event.kind === 'problem');
      expect(told).toMatchObject({ problem: { code }, decision: 'go on without it' });
      expect(told?.problem.message).toMatch(says);
      expect(podsIn(sim)).toMatchObject(seedPods(New));
      expect(journalIn(sim)?.marks.waves['rest']?.verdict?.verdict).toBe('pass');
    },
  );

  it.for([
    { trouble: 'is paused', workload: {}, paused: true, says: 'Deployment shop/it: it is paused' },
    {
      trouble: 'changes its pods on delete only',
      workload: { kind: 'StatefulSet' as const, spec: { updateStrategy: { type: 'OnDelete' } } },
      says: 'StatefulSet shop/it: its update strategy is OnDelete',
    },
    {
      trouble: 'keeps pods back by a partition',
      workload: {
        kind: 'StatefulSet' as const,
        spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } },
      },
      says: 'StatefulSet shop/it: its partition is 1',
    },
  ])(
    'that $trouble holds up no wave, is named, and keeps the old istiod alive',
    async ({ workload, paused = false, says }) => {
      const sim = await meshWith(workload);
      if (paused) pause(sim);
      const run = await goUpgrade(sim);
      expect([run.kind, run.codes]).toEqual(['held', ['OLD_REVISION_IN_USE']]);
      expect(wordsOf(run)).toContain(says);
      expect(podsIn(sim)['shop']).toEqual({ [Old]: 2 });
      expect(journalIn(sim)?.marks.waves['rest']?.verdict?.verdict).toBe('pass');
    },
  );

  it.for([
    { trouble: 'has no replicas', workload: { replicas: 0 }, pods: undefined },
    { trouble: 'has a single replica', workload: { replicas: 1 }, pods: { [New]: 1 } },
    { trouble: 'recreates its pods', workload: { spec: { strategy: { type: 'Recreate' } } }, pods: { [New]: 2 } },
  ])('is not reported when a workload $trouble', async ({ workload, pods }) => {
    const sim = await meshWith(workload);
    expect((await goUpgrade(sim)).kind).toBe('completed');
    expect(podsIn(sim)['shop']).toEqual(pods);
  });

  it('is not reported when a disruption budget allows nothing: rolling updates do not use it', async () => {
    const sim = await meshWith();
    const budget = {
      metadata: { name: 'it', namespace: 'shop' },
      spec: { minAvailable: '100%', selector: { matchLabels: { app: 'it' } } },
    };
    sim.registry.create(DisruptionBudgets, budget as KubernetesObject, { manager: 'kubectl' });
    expect((await goUpgrade(sim)).kind).toBe('completed');
  });

  it('is not reported when an old pod takes long to end', async () => {
    const sim = await meshWith();
    const isOld = (pod: { metadata: KubernetesObject['metadata'] }) =>
      pod.metadata.namespace === 'shop' && pod.metadata.annotations?.['istio.io/rev'] === Old;
    for (const { metadata } of sim.pods('shop').filter(isOld))
      sim.registry.patch(
        Pods,
        { name: metadata.name, namespace: 'shop' },
        { type: 'merge', body: { metadata: { finalizers: ['example.com/slow'] } } },
        { manager: 'controller' },
      );
    const run = await goUpgrade(sim);
    // Its wave is done; the old istiod stays for as long as something of it is there, and says what.
    expect([run.kind, run.codes]).toEqual(['held', ['OLD_REVISION_IN_USE']]);
    expect(wordsOf(run)).toMatch(/shop\/it-/);
    for (const { metadata } of sim.pods('shop'))
      if (metadata.deletionTimestamp !== undefined)
        sim.registry.patch(
          Pods,
          { name: metadata.name, namespace: 'shop' },
          { type: 'merge', body: { metadata: { finalizers: null } } },
          { manager: 'controller' },
        );
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
  });
});

describe(`a waived workload (seed ${seed})`, () => {
  const waiver = (until: string) =>
    configOf({ more: `waivers: [{ workload: Deployment shop/it, reason: "moves on Sunday", until: ${until} }]` });

  it('is not restarted, holds up no wave, and is named with the reason; the old istiod stays for it', async () => {
    const sim = await meshWith();
    const watcher = new Watcher(sim);
    // It could not even be restarted.
    sim.kubelet.addRule({ matches: ofShop, stage: 'image-pull' });
    const run = await goUpgrade(sim, { config: waiver('2026-11-30') });
    expect([run.kind, run.codes]).toEqual(['held', ['OLD_REVISION_IN_USE']]);
    expect(wordsOf(run)).toContain('Deployment shop/it: waived until 2026-11-30: moves on Sunday');
    expect(watcher.restarts.has('Deployment shop/it')).toBe(false);
    expect(podsIn(sim)['shop']).toEqual({ [Old]: 2 });
  });

  it('blocks before anything is changed when its waiver has expired', async () => {
    const sim = await meshWith();
    expect(await goUpgrade(sim, { config: waiver('2026-11-01') })).toMatchObject({
      kind: 'blocked',
      codes: ['WAIVER_EXPIRED'],
    });
  });

  it('added after it broke a wave lets the next run go on without it', async () => {
    const sim = await meshWith();
    sim.kubelet.addRule({ matches: ofShop, stage: 'image-pull' });
    const policy = 'on: { failure: hold }';
    expect((await goUpgrade(sim, { config: configOf({ more: policy }) })).codes).toEqual(['ROLLOUT_BROKEN']);
    const more = `${policy}\nwaivers: [{ workload: Deployment shop/it, reason: broken image, until: 2026-11-30 }]`;
    const run = await goUpgrade(sim, { runId: 'run2', config: configOf({ more }), replan: true });
    expect(run.codes).toEqual(['OLD_REVISION_IN_USE']);
    expect(podsIn(sim)['baz']).toEqual({ [New]: 7 });
  });
});
