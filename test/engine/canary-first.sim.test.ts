import { describe, expect, it } from 'vitest';
import { revisionIn } from '../../harness/proof/faults/mesh-facts.ts';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { finalize } from '../../src/engine/finalize.ts';
import { statusOf } from '../../src/engine/status.ts';
import type { Status } from '../../src/model/status.ts';
import { hashPlan } from '../../src/plan/make-plan.ts';
import { Namespaces, Pods } from '../../src/ports/kinds.ts';
import type { Pod } from '../../src/ports/objects.ts';
import {
  configOf,
  controlPlanesIn,
  go,
  goBack,
  goCheck,
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
} from './engine-fixtures.ts';

const seed = 83;
const config = configOf({ more: 'strategy: canary-first' });

const labelsOf = (sim: Sim, name: string) => {
  const { 'istio.io/rev': revision, 'istio-injection': injection } =
    sim.store.get(Namespaces, name)?.metadata.labels ?? {};
  return { revision, injection };
};
const byTag = { revision: 'default', injection: undefined };
const byLabel = { revision: New, injection: undefined };

/** Pods outside the canary that ran the new proxy while the tag pointed to the old revision. */
function unprovenElsewhere(sim: Sim): readonly string[] {
  const found: string[] = [];
  sim.store.onChange(({ kind, object, type }) => {
    if (kind.plural !== Pods.plural || type === 'DELETED' || object.metadata.namespace === 'bar') return;
    if (revisionIn(object as Pod) === New && tagIn(sim)['webhook'] === Old)
      found.push(`${object.metadata.namespace}/${object.metadata.name}`);
  });
  return found;
}

/** As an eviction would: each pod is made again by its controller. */
function replacePods(sim: Sim, namespace: string): void {
  for (const { metadata } of sim.pods(namespace)) sim.registry.delete(Pods, { name: metadata.name, namespace });
}

const canaryIsReady = { through: 'canary', config } as const;

describe(`an upgrade with strategy canary-first (seed ${seed})`, () => {
  it('restarts and judges the canary before the tag moves, and puts its labels back at the end', async () => {
    const sim = await servingMesh({ seed });
    const elsewhere = unprovenElsewhere(sim);
    let isReplaced = false;
    const run = await goUpgrade(sim, {
      config,
      disturb: {
        how: 'kill',
        // In the bake of the canary every other pod is made again.
        at: (event) => {
          if (isReplaced || event.kind !== 'stage-started' || event.step !== 'judge-canary') return false;
          isReplaced = true;
          for (const namespace of ['foo', 'baz', 'istio-ingress']) replacePods(sim, namespace);
          return false;
        },
      },
    });
    expect([run.kind, run.codes, isReplaced]).toEqual(['completed', [], true]);
    const at = (text: string) => run.effects.findIndex((each) => each.startsWith(text));
    const order = [
      'install istiod',
      'label namespace bar istio.io/rev=1-31-0',
      'restart Deployment bar/bar',
      'record verdict pass of wave canary',
      'point tag default at 1-31-0',
      'restart Deployment istio-ingress/',
      'restart Deployment foo/foo',
      'record verdict pass of wave rest',
      'put the labels of namespace bar back',
      'uninstall istiod',
    ].map(at);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
    expect(elsewhere).toEqual([]);
    expect(podsIn(sim)).toEqual(seedPods(New));
    expect(tagIn(sim)).toEqual(tagAt(New));
    expect(controlPlanesIn(sim)).toEqual([`istiod-${New}`]);
    expect(labelsOf(sim, 'bar')).toEqual(byTag);
    expect(journalIn(sim)?.marks.labelled).toBeUndefined();
  });

  it('gives pods elsewhere the old proxy until the verdict, and pods of the canary the new one', async () => {
    const sim = await servingMesh({ seed });
    expect(await goUpgrade(sim, canaryIsReady)).toMatchObject({ kind: 'reached', outcome: { stage: 'judge-canary' } });
    expect(tagIn(sim)).toEqual(tagAt(Old));
    expect(labelsOf(sim, 'bar')).toEqual(byLabel);
    for (const namespace of ['foo', 'bar']) replacePods(sim, namespace);
    await sim.advance(120_000);
    expect(podsIn(sim)).toEqual({ ...seedPods(Old), bar: { [New]: 2 } });
    expect((await goUpgrade(sim, { config, runId: 'run2' })).kind).toBe('completed');
    expect(podsIn(sim)).toEqual(seedPods(New));
  });

  it('rolls a bad canary back, and no pod elsewhere ever ran the new proxy', async () => {
    const sim = await servingMesh({ seed });
    const elsewhere = unprovenElsewhere(sim);
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.3 });
    const run = await goUpgrade(sim, { config });
    expect([run.kind, run.codes]).toEqual(['rolled-back', ['GATE_FAILED']]);
    expect(run.effects.filter((text) => /^(point|restart|label|put)/.test(text))).toEqual([
      'label namespace bar istio.io/rev=1-31-0',
      'restart Deployment bar/bar',
      'put the labels of namespace bar back',
      'restart Deployment bar/bar',
    ]);
    expect(elsewhere).toEqual([]);
    expect(podsIn(sim)).toEqual(seedPods(Old));
    expect(labelsOf(sim, 'bar')).toEqual(byTag);
  });

  it('rolls back after the tag has moved: first the tag, then the labels', async () => {
    const sim = await servingMesh({ seed });
    expect((await goUpgrade(sim, { config, through: 'move-tag' })).kind).toBe('reached');
    expect(tagIn(sim)).toEqual(tagAt(New));
    const run = await goBack(sim, { runId: 'run2' });
    expect(run.kind).toBe('rolled-back');
    expect(run.effects.slice(0, 2)).toEqual(['point tag default at 1-30-4', 'put the labels of namespace bar back']);
    expect(podsIn(sim)).toEqual(seedPods(Old));
    expect(labelsOf(sim, 'bar')).toEqual(byTag);
  });

  it('removes istio-injection=enabled from the canary until the end, because it outranks istio.io/rev', async () => {
    const sim = await servingMesh({ seed });
    label(sim, 'bar', { 'istio-injection': 'enabled', 'istio.io/rev': null });
    expect((await goUpgrade(sim, canaryIsReady)).kind).toBe('reached');
    expect(labelsOf(sim, 'bar')).toEqual(byLabel);
    expect(podsIn(sim)['bar']).toEqual({ [New]: 2 });
    expect((await goUpgrade(sim, { config, runId: 'run2' })).kind).toBe('completed');
    expect(labelsOf(sim, 'bar')).toEqual({ revision: undefined, injection: 'enabled' });
  });

  it.for([
    { what: 'a finalize after a run that died', end: 'rolled-back', pods: Old },
    { what: 'the next run', end: 'completed', pods: New },
  ] as const)('that is killed in the bake is ended by $what', async ({ end, pods }) => {
    const sim = await servingMesh({ seed });
    const disturb = {
      how: 'kill',
      at: ({ kind, ...event }: { kind: string; step?: string }) =>
        kind === 'stage-started' && event.step === 'judge-canary',
    } as const;
    expect((await goUpgrade(sim, { config, disturb })).kind).toBe('killed');
    const policy = { failure: 'rollback', cancel: 'hold', inconclusive: 'hold' } as const;
    const next =
      end === 'rolled-back'
        ? await go(sim, (run) => finalize(run, policy, { after: 'failed' }), { runId: 'run2' })
        : await goUpgrade(sim, { config, runId: 'run2' });
    expect(next.kind).toBe(end);
    expect(podsIn(sim)).toEqual(seedPods(pods));
    expect(labelsOf(sim, 'bar')).toEqual(byTag);
  });

  it('holds when another writer removes the label, and the next run puts it again', async () => {
    const sim = await servingMesh({ seed });
    let isTaken = false;
    const run = await goUpgrade(sim, {
      config,
      disturb: {
        how: 'kill',
        at: (event) => {
          if (isTaken || event.kind !== 'stage-started' || event.step !== 'judge-canary') return false;
          isTaken = true;
          label(sim, 'bar', { 'istio.io/rev': 'default' });
          return false;
        },
      },
    });
    expect([run.kind, run.codes]).toEqual(['held', ['CANARY_LABEL_LOST']]);
    replacePods(sim, 'bar');
    await sim.advance(120_000);
    expect((await goUpgrade(sim, { config, runId: 'run2' })).kind).toBe('completed');
    expect(podsIn(sim)).toEqual(seedPods(New));
    expect(labelsOf(sim, 'bar')).toEqual(byTag);
  });

  it('is refused before anything is written where GitOps owns a namespace of the canary', async () => {
    const sim = await servingMesh({ seed });
    label(sim, 'bar', { 'kustomize.toolkit.fluxcd.io/name': 'apps' });
    const run = await goUpgrade(sim, { config });
    expect([run.kind, run.codes, run.writes]).toEqual(['blocked', ['CANARY_NOT_LABELLABLE'], 0]);
    const delegated = configOf({ more: 'strategy: canary-first\nmesh: { namespaceOwner: delegated }' });
    expect((await goCheck(sim, delegated)).blocked).toBe(false);
  });

  it('is named by status while the canary has its label', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, canaryIsReady);
    let status: Status | undefined;
    await go(sim, async (run) => {
      status = await statusOf(run, 'istio-system');
      return { kind: 'nothing-to-do', problems: [] } as never;
    });
    expect(status?.run?.labelled).toEqual(['bar']);
  });

  it('needs --replan to go on with another strategy, and puts the labels back all the same', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, canaryIsReady);
    const tagFirst = configOf();
    expect((await goUpgrade(sim, { config: tagFirst, runId: 'run2' })).codes).toEqual(['PLAN_CHANGED']);
    expect((await goUpgrade(sim, { config: tagFirst, runId: 'run3', replan: true })).kind).toBe('completed');
    expect(podsIn(sim)).toEqual(seedPods(New));
    expect(labelsOf(sim, 'bar')).toEqual(byTag);
  });

  it('has another plan hash than one with tag-first', async () => {
    const [first, second] = await Promise.all([servingMesh({ seed }), servingMesh({ seed })]);
    await goUpgrade(first, { config, through: '2' });
    await goUpgrade(second, { through: '2' });
    const [canaryFirst, tagFirst] = [first, second].map((sim) => journalIn(sim)?.plan);
    if (canaryFirst === undefined || tagFirst === undefined) throw new Error('a journal is missing');
    expect(tagFirst.strategy).toBeUndefined();
    expect(hashPlan(canaryFirst)).not.toBe(hashPlan(tagFirst));
  });
});
