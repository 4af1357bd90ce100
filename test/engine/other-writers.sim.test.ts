import { describe, expect, it } from 'vitest';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { ConfigMaps, Deployments, MutatingWebhooks, Namespaces, Pods, StatefulSets } from '../../src/ports/kinds.ts';
import type { ConfigMap, WebhookConfiguration, WorkloadObject } from '../../src/ports/objects.ts';
import {
  goBack,
  goUpgrade,
  journalIn,
  label,
  New,
  Old,
  podsIn,
  seedPods,
  servingMesh,
  tagAt,
  tagIn,
  Watcher,
} from './engine-fixtures.ts';

const seed = 16;
const tagName = 'istio-revision-tag-default';
const journal = { name: 'istio-canary-upgrade-default', namespace: 'istio-system' };
const foo = { name: 'foo', namespace: 'foo' };
/** Until Prometheus has scraped the restarted pods of the canary, without which a gate counts as blind. */
const scraped = 30_000;

const begun = (sim: Sim, wave: string) => () => journalIn(sim)?.marks.waves[wave]?.startedAt !== undefined;
const ready = (sim: Sim, wave: string) => () => journalIn(sim)?.marks.waves[wave]?.readyAt !== undefined;
const templateOf = (sim: Sim) => sim.store.get<WorkloadObject>(Deployments, foo.name, foo.namespace)?.spec.template;
const isRestarted = (sim: Sim) => () =>
  templateOf(sim)?.metadata?.annotations?.['istio-canary-upgrade/run'] !== undefined;
const patch = (sim: Sim, body: object, manager: string) =>
  sim.registry.patch(Deployments, foo, { type: 'merge', body }, { manager });

/** A change by another writer during the upgrade, after which the run holds and names that writer. */
const held: readonly {
  what: string;
  code: string;
  manager: string;
  meddle: (sim: Sim) => void;
}[] = [
  {
    what: 'puts the tag back',
    code: 'TAG_NOT_AT_TARGET',
    manager: 'argocd',
    meddle: (sim) => {
      const { webhooks, metadata } = sim.registry.get<WebhookConfiguration>(MutatingWebhooks, tagName);
      const body = { metadata: { labels: metadata.labels }, webhooks };
      sim.when(begun(sim, 'canary'), () =>
        sim.registry.patch(MutatingWebhooks, { name: tagName }, { type: 'merge', body }, { manager: 'argocd' }),
      );
    },
  },
  {
    what: 'takes a namespace out of the mesh',
    code: 'NAMESPACE_LEFT_TAG',
    manager: 'kubectl',
    meddle: (sim) => sim.when(begun(sim, 'canary'), () => label(sim, 'foo', { 'istio.io/rev': null })),
  },
  {
    what: 'pins a namespace to a revision',
    code: 'NAMESPACE_LEFT_TAG',
    manager: 'kubectl',
    meddle: (sim) => sim.when(begun(sim, 'canary'), () => label(sim, 'foo', { 'istio.io/rev': Old })),
  },
  {
    what: 'prunes the annotations of a restart',
    code: 'EFFECT_UNDONE',
    manager: 'kustomize-controller',
    meddle: (sim) => {
      const annotations = { 'kubectl.kubernetes.io/restartedAt': null, 'istio-canary-upgrade/run': null };
      // The old ReplicaSet comes back, and its pods keep the old proxy for ever (facts/practice.md D1.23).
      sim.when(isRestarted(sim), () =>
        sim.in(1_000, () => patch(sim, { spec: { template: { metadata: { annotations } } } }, 'kustomize-controller')),
      );
    },
  },
];

describe(`an upgrade while another writer changes the mesh (seed ${seed})`, () => {
  it.for(held)(
    'holds and names the writer that $what, and restarts nothing more',
    async ({ code, manager, meddle }) => {
      const sim = await servingMesh({ seed });
      const watcher = new Watcher(sim);
      meddle(sim);
      const run = await goUpgrade(sim);
      expect([run.kind, run.codes]).toEqual(['held', [code]]);
      const [problem] = run.outcome?.problems ?? [];
      expect(`${problem?.message} ${problem?.fix}`).toContain(manager);
      expect(watcher.restartedTwice).toEqual([]);
      expect(watcher.blackouts).toEqual([]);
      expect(podsIn(sim)['baz']).toEqual(code === 'EFFECT_UNDONE' ? podsIn(sim)['baz'] : { [Old]: 7 });
    },
  );

  it('does not report a namespace as rolled back that another writer removed from the mesh', async () => {
    const sim = await servingMesh({ seed });
    expect((await goUpgrade(sim, { through: 'rest' })).kind).toBe('reached');
    label(sim, 'foo', { 'istio.io/rev': null });
    const back = await goBack(sim, { runId: 'run2' });
    expect([back.kind, back.codes]).toEqual(['rollback-held', ['PODS_LEFT_BEHIND', 'NAMESPACE_LEFT_TAG']]);
    expect(podsIn(sim)).toEqual({ ...seedPods(Old), foo: { [New]: 2 } });
    label(sim, 'foo', { 'istio.io/rev': 'default' });
    expect((await goBack(sim, { runId: 'run3' })).kind).toBe('rolled-back');
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('resumes when a person has stopped the writer that put the tag back', async () => {
    const sim = await servingMesh({ seed });
    held[0]?.meddle(sim);
    expect((await goUpgrade(sim)).kind).toBe('held');
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
    expect(podsIn(sim)).toEqual(seedPods(New));
  });

  it('restarts once more the workloads that started without a sidecar while their namespace was out of the mesh', async () => {
    const sim = await servingMesh({ seed });
    sim.when(isRestarted(sim), () => label(sim, 'foo', { 'istio.io/rev': null }));
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'held', codes: ['NAMESPACE_LEFT_TAG'] });
    await sim.advance(10_000);
    expect(podsIn(sim)['foo']).toBeUndefined();
    label(sim, 'foo', { 'istio.io/rev': 'default' });
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
    expect(podsIn(sim)).toEqual(seedPods(New));
  });

  it.for([
    { way: 'back', ends: 'rolled-back' },
    { way: 'forward', ends: 'completed' },
  ])(
    'leaves no pod without a sidecar in a workload that it had not restarted yet, on the way $way',
    async ({ way, ends }) => {
      const sim = await servingMesh({ seed });
      const rebear = () => {
        label(sim, 'baz', { 'istio.io/rev': null });
        const agent = sim.pods('baz').find(({ metadata }) => metadata.name.startsWith('agent-'));
        sim.registry.delete(Pods, { name: agent?.metadata.name ?? 'no agent', namespace: 'baz' });
      };
      sim.when(ready(sim, 'canary'), rebear);
      expect(await goUpgrade(sim)).toMatchObject({ kind: 'held', codes: ['NAMESPACE_LEFT_TAG'] });
      await sim.advance(scraped);
      label(sim, 'baz', { 'istio.io/rev': 'default' });
      const go = way === 'back' ? goBack : goUpgrade;
      expect((await go(sim, { runId: 'run2' })).kind).toBe(ends);
      expect(podsIn(sim)).toEqual(seedPods(way === 'back' ? Old : New));
    },
  );

  it('restores the proxy of a workload whose only pod was created while its namespace had left the tag', async () => {
    const sim = await servingMesh({ seed });
    sim.when(ready(sim, 'canary'), () => {
      label(sim, 'baz', { 'istio.io/rev': null });
      const [one] = sim.pods('baz').filter(({ metadata }) => metadata.name.startsWith('baz-'));
      sim.registry.delete(Pods, { name: one?.metadata.name ?? 'no pod', namespace: 'baz' });
    });
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'held', codes: ['NAMESPACE_LEFT_TAG'] });
    await sim.advance(scraped);
    label(sim, 'baz', { 'istio.io/rev': 'default' });
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
    expect(podsIn(sim)).toEqual(seedPods(New));
  });

  it('does not restart a workload that had no proxy before, although its namespace follows the tag', async () => {
    const sim = await servingMesh({ seed });
    const watcher = new Watcher(sim);
    label(sim, 'outside', { 'istio.io/rev': 'default' });
    expect((await goUpgrade(sim)).kind).toBe('completed');
    expect([...watcher.restarts.keys()].filter((id) => id.includes(' outside/'))).toEqual([]);
  });

  it('does not restart a workload twice that was restarting when another namespace left the tag', async () => {
    const sim = await servingMesh({ seed });
    const watcher = new Watcher(sim);
    sim.when(begun(sim, 'rest'), () => sim.istiods.setHealth(New, 'refuses'));
    sim.when(isRestarted(sim), () => sim.in(2_000, () => label(sim, 'bar', { 'istio.io/rev': null })));
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'held', codes: ['NAMESPACE_LEFT_TAG'] });
    label(sim, 'bar', { 'istio.io/rev': 'default' });
    sim.istiods.setHealth(New, 'answers');
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
    expect(podsIn(sim)).toEqual(seedPods(New));
    expect([...watcher.restarts].filter(([, tokens]) => tokens.length !== 1)).toEqual([]);
  });

  it.for([
    {
      how: 'wrote',
      meddle: (sim: Sim) => {
        const { data } = sim.registry.get<ConfigMap>(ConfigMaps, journal.name, journal.namespace);
        const body = { data: { journal: JSON.stringify({ ...JSON.parse(data?.['journal'] ?? ''), runId: 'other' }) } };
        sim.registry.patch(ConfigMaps, journal, { type: 'merge', body }, { manager: 'kubectl' });
      },
    },
    { how: 'deleted', meddle: (sim: Sim) => void sim.registry.delete(ConfigMaps, journal) },
  ])('stops at once when another writer $how the journal', async ({ meddle }) => {
    const sim = await servingMesh({ seed });
    const watcher = new Watcher(sim);
    sim.when(ready(sim, 'canary'), () => meddle(sim));
    const run = await goUpgrade(sim);
    expect(run.codes).toContain('JOURNAL_CONFLICT');
    expect([...watcher.restarts.keys()].filter((id) => / (foo|baz)\//.test(id))).toEqual([]);
    expect(tagIn(sim)).toEqual(tagAt(New));
  });

  it.for([
    {
      what: 'scales a workload up while it rolls',
      meddle: (sim: Sim) => patch(sim, { spec: { replicas: 5 } }, 'hpa'),
      pods: 5,
    },
    {
      what: 'scales a workload down while it rolls',
      meddle: (sim: Sim) => patch(sim, { spec: { replicas: 1 } }, 'hpa'),
      pods: 1,
    },
    {
      what: 'scales a workload to nothing',
      meddle: (sim: Sim) => patch(sim, { spec: { replicas: 0 } }, 'keda'),
      pods: 0,
    },
    {
      what: 'restarts a workload by hand',
      meddle: (sim: Sim) => {
        const annotations = { 'kubectl.kubernetes.io/restartedAt': '2026-11-22T22:00:00Z' };
        patch(sim, { spec: { template: { metadata: { annotations } } } }, 'kubectl-rollout');
      },
      pods: 2,
      // Ours and theirs.
      restarts: 2,
    },
    {
      what: 'deploys another version of an application',
      meddle: (sim: Sim) => {
        const containers = templateOf(sim)?.spec.containers.map((each) => ({
          ...each,
          image: 'registry.example/app:2',
        }));
        patch(sim, { spec: { template: { spec: { containers } } } }, 'helm');
      },
      pods: 2,
    },
    {
      what: 'deletes a namespace of the plan',
      meddle: (sim: Sim) => {
        for (const kind of [Deployments, StatefulSets, Pods])
          for (const { metadata } of sim.store.list(kind, 'foo'))
            sim.registry.delete(kind, { name: metadata.name, namespace: 'foo' });
        sim.registry.delete(Namespaces, { name: 'foo' });
      },
      pods: 0,
    },
  ])('completes although another writer $what', async ({ meddle, pods, restarts = 1 }) => {
    const sim = await servingMesh({ seed });
    const watcher = new Watcher(sim);
    sim.when(isRestarted(sim), () => meddle(sim));
    const run = await goUpgrade(sim);
    expect([run.kind, run.codes]).toEqual(['completed', []]);
    expect(watcher.restarts.get('Deployment foo/foo')).toHaveLength(restarts);
    expect(podsIn(sim)).toEqual({ ...seedPods(New), ...(pods === 0 ? {} : { foo: { [New]: pods } }), ...noneOf(pods) });
  });

  it('completes although a namespace of the tag is created meanwhile', async () => {
    const sim = await servingMesh({ seed });
    sim.when(begun(sim, 'rest'), () =>
      sim.addNamespace({
        name: 'late',
        labels: { 'istio.io/rev': 'default' },
        workloads: [{ name: 'late', replicas: 2 }],
      }),
    );
    expect((await goUpgrade(sim)).kind).toBe('completed');
    expect(podsIn(sim)).toEqual({ ...seedPods(New), late: { [New]: 2 } });
  });
});

/** How many workloads the way back has restarted. */
const restartsBack = (sim: Sim) =>
  sim.store
    .list<WorkloadObject>(Deployments)
    .filter(({ spec }) => spec.template.metadata?.annotations?.['istio-canary-upgrade/run']?.startsWith('run1.back.'))
    .length;

/** Namespaces without pods have no row. */
const noneOf = (pods: number) => (pods === 0 ? { foo: undefined } : {});

describe(`an upgrade whose istiod dies while the tag points to it (seed ${seed})`, () => {
  /** Its pod goes, and those that follow crash. */
  const lose = (sim: Sim, revision: string): (() => void) => {
    const isIt = (pod: { metadata: { labels?: Record<string, string> } }) =>
      pod.metadata.labels?.['app'] === 'istiod' && pod.metadata.labels['istio.io/rev'] === revision;
    const repair = sim.kubelet.addRule({ matches: isIt, stage: 'crash-loop' });
    for (const pod of sim.pods('istio-system').filter(isIt))
      sim.registry.delete(Pods, { name: pod.metadata.name, namespace: 'istio-system' });
    return repair;
  };

  it.for(['canary', 'rest'])(
    'rolls back when the new istiod dies in wave %s, the tag within a minute',
    async (wave) => {
      const sim = await servingMesh({ seed });
      let lostAt = 0;
      sim.when(begun(sim, wave), () => {
        lostAt = sim.clock.now();
        lose(sim, New);
      });
      let backAt = 0;
      sim.when(
        () => lostAt > 0 && tagIn(sim)['webhook'] === Old,
        () => (backAt = sim.clock.now()),
      );
      const run = await goUpgrade(sim);
      // What else is seen by then follows from it.
      expect([run.kind, run.codes[0]]).toEqual(['rolled-back', 'CONTROL_PLANE_LOST']);
      expect(backAt - lostAt).toBeLessThan(60_000);
      expect(podsIn(sim)).toEqual(seedPods(Old));
    },
  );

  it('does not roll back when the new istiod is gone for a few seconds only', async () => {
    const sim = await servingMesh({ seed });
    sim.when(begun(sim, 'rest'), () => {
      const repair = lose(sim, New);
      sim.in(8_000, repair);
    });
    expect((await goUpgrade(sim)).kind).toBe('completed');
  });

  it('holds its rollback when the old istiod dies, and says that pods cannot start', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.3 });
    sim.when(
      () => restartsBack(sim) > 0,
      () => lose(sim, Old),
    );
    const run = await goUpgrade(sim);
    expect(run.kind).toBe('rollback-held');
    expect(run.codes).toContain('CONTROL_PLANE_LOST');
  });
});
