import { describe, expect, it } from 'vitest';
import { hashPlan } from '../../src/plan/make-plan.ts';
import { Namespaces } from '../../src/ports/kinds.ts';
import {
  configOf,
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

const seed = 19;

describe(`--through (seed ${seed})`, () => {
  const steps = [
    { through: 'precheck', stage: 'precheck', tag: Old, bar: Old, foo: Old },
    { through: '2', stage: 'install-control-plane', tag: Old, bar: Old, foo: Old },
    { through: '3', stage: 'move-tag', tag: New, bar: Old, foo: Old },
    { through: 'upgrade-gateways', stage: 'upgrade-gateways', tag: New, bar: Old, foo: Old },
    { through: 'canary', stage: 'judge-canary', tag: New, bar: New, foo: Old },
    { through: 'rest', stage: 'restart-waves', tag: New, bar: New, foo: New },
  ];

  it('upgrades exactly to each goal, step by step, and at last to the end', async () => {
    const sim = await servingMesh({ seed });
    for (const [index, { through, stage, tag, bar, foo }] of steps.entries()) {
      const run = await goUpgrade(sim, { through, runId: `run${index}` });
      expect(run).toMatchObject({ kind: 'reached', outcome: { stage } });
      expect(tagIn(sim)).toEqual(tagAt(tag));
      expect(podsIn(sim)).toMatchObject({ bar: { [bar]: 2 }, foo: { [foo]: 2 } });
      // What is done is not done again.
      expect((await goUpgrade(sim, { through, runId: `again${index}` })).effects).toEqual([]);
    }
    expect((await goUpgrade(sim, { runId: 'last' })).kind).toBe('completed');
  });

  it('writes nothing when it goes no further than precheck', async () => {
    const sim = await servingMesh({ seed });
    const version = sim.store.resourceVersion;
    expect((await goUpgrade(sim, { through: 'precheck' })).writes).toBe(0);
    expect(sim.store.resourceVersion).toBe(version);
    expect(journalIn(sim)).toBeUndefined();
  });

  it('splits a wave into groups, each judged before the next begins', async () => {
    const sim = await servingMesh({ seed });
    const config = configOf({
      waves: '[{ name: canary, namespaces: [bar] }, { name: rest, namespaces: "*", atOnce: 50% }]',
    });
    const run = await goUpgrade(sim, { config, through: 'rest-1' });
    expect(run.kind).toBe('reached');
    expect(podsIn(sim)).toMatchObject({ bar: { [New]: 2 }, baz: { [New]: 7 }, foo: { [Old]: 2 } });
    const rest = await goUpgrade(sim, { config, through: 'rest', runId: 'run2' });
    expect(rest.effects.slice(0, 3)).toEqual([
      'begin wave rest-2',
      'restart Deployment foo/foo',
      'begin the bake of wave rest-2',
    ]);
    expect(podsIn(sim)).toEqual(seedPods(New));
  });

  it('refuses an unknown goal, and lists the known ones', async () => {
    const sim = await servingMesh({ seed });
    expect(await goUpgrade(sim, { through: 'everything' })).toMatchObject({ kind: 'thrown', codes: ['GOAL_UNKNOWN'] });
    expect(journalIn(sim)).toBeUndefined();
  });
});

describe(`the plan (seed ${seed})`, () => {
  it('is followed only if it is the expected one', async () => {
    const sim = await servingMesh({ seed });
    const wrong = await goUpgrade(sim, { expectPlan: 'ffffffffffff' });
    expect(wrong).toMatchObject({ kind: 'thrown', codes: ['PLAN_CHANGED'] });
    expect(journalIn(sim)).toBeUndefined();
    await goUpgrade(sim, { through: '2' });
    const hash = journalIn(sim)?.planHash ?? '';
    expect(hash).toBe(hashPlan(journalIn(sim)?.plan ?? expect.fail('no journal')));
    expect((await goUpgrade(sim, { expectPlan: hash, through: '3', runId: 'run2' })).kind).toBe('reached');
  });

  it('is not followed when a namespace has joined a wave by a pattern, until a person accepts the new one', async () => {
    const sim = await servingMesh({ seed });
    const config = configOf({ waves: '[{ name: canary, namespaces: ["ba*"] }, { name: rest, namespaces: "*" }]' });
    await goUpgrade(sim, { config, through: 'canary' });
    sim.addNamespace({ name: 'bat', labels: { 'istio.io/rev': 'default' }, workloads: [{ name: 'bat' }] });
    await sim.settle();
    expect(await goUpgrade(sim, { config, runId: 'run2' })).toMatchObject({ kind: 'thrown', codes: ['PLAN_CHANGED'] });
    expect(await goUpgrade(sim, { config, runId: 'run3', replan: true })).toMatchObject({ kind: 'completed' });
    expect(podsIn(sim)).toMatchObject({ bat: { [New]: 1 } });
  });

  it('stops at a namespace of the wave "*" whose labels were taken away, until a person accepts that', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, { through: 'canary' });
    label(sim, 'foo', { 'istio.io/rev': null });
    expect(await goUpgrade(sim, { runId: 'run2' })).toMatchObject({ kind: 'held', codes: ['NAMESPACE_LEFT_TAG'] });
    const run = await goUpgrade(sim, { runId: 'run3', replan: true });
    expect(run).toMatchObject({ kind: 'held', codes: ['OLD_REVISION_IN_USE'] });
    expect(podsIn(sim)).toMatchObject({ foo: { [Old]: 2 }, baz: { [New]: 7 } });
  });

  it('of another target is refused while one is unfinished', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, { through: 'canary' });
    const other = configOf();
    const config = { ...other, target: { ...other.target, version: '1.31.1', revision: '1-31-1' } };
    expect(await goUpgrade(sim, { config, version: '1.31.1', runId: 'run2' })).toMatchObject({
      kind: 'thrown',
      codes: ['OTHER_UPGRADE_UNFINISHED'],
    });
    expect(tagIn(sim)).toEqual(tagAt(New));
  });

  it('is refused on another cluster than its own', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, { through: 'canary' });
    const system = sim.registry.get(Namespaces, 'kube-system');
    sim.store.put(Namespaces, { ...system, metadata: { ...system.metadata, uid: 'another' } });
    expect(await goUpgrade(sim, { runId: 'run2' })).toMatchObject({ kind: 'thrown', codes: ['CLUSTER_DIFFERS'] });
  });
});
