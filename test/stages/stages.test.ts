import { describe, expect, it } from 'vitest';
import type { Marks, WaveMarks } from '../../src/model/marks.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Usage, Workload, World } from '../../src/model/world.ts';
import { RolloutBroken } from '../../src/rollout/rollout-findings.ts';
import { installControlPlane } from '../../src/stages/2-install-control-plane.ts';
import { moveTag, moveTagBack, proveTagBack } from '../../src/stages/3-move-tag.ts';
import { upgradeGateways } from '../../src/stages/4-upgrade-gateways.ts';
import { judgeCanary } from '../../src/stages/6-judge-canary.ts';
import { restartWaves } from '../../src/stages/7-restart-waves.ts';
import { removeOldRevision } from '../../src/stages/8-remove-old-revision.ts';
import { restartBack } from '../../src/stages/way-back.ts';
import { evidenceWith } from '../gate/gate-fixtures.ts';
import {
  controlPlane,
  injection,
  New,
  namespaces,
  noMarks,
  Old,
  plan,
  rolledOut,
  tagAt,
  workload,
} from '../mesh/world-fixtures.ts';

/** A mesh after stage 2 in which nothing changes; an aspect that a stage reads without asking for it is empty. */
function worldWith(more: Partial<World> = {}): World {
  return {
    tags: tagAt(Old),
    controlPlanes: new Map([Old, New].map((revision) => [revision, controlPlane(revision)])),
    webhooks: [],
    namespaces: namespaces({ bar: {}, baz: {}, foo: {} }),
    workloads: [],
    injections: [],
    prospects: [],
    refusals: [],
    finalInjections: [],
    loosePods: [],
    manifest: { objects: [], hash: 'as-asked', configuring: [] },
    configurations: 'not-asked',
    targetUse: 'not-asked',
    definitions: { release: '1.30.4' },
    leftovers: [],
    troubles: [],
    judged: [],
    marks: noMarks,
    now: 1_000_000,
    unchangedForMs: 0,
    stillFor: new Map(),
    setAside: new Map(),
    ...more,
  } as World;
}

const kinds = (effects: readonly { kind: string }[]) => effects.map(({ kind }) => kind);
const codes = (problems: readonly { code: string }[]) => problems.map(({ code }) => code);
const whats = (shortfalls: readonly { what: string; is: string }[]) =>
  shortfalls.map(({ what, is }) => `${what}: ${is}`);

describe('stage 2', () => {
  const withoutNew = new Map([[Old, controlPlane(Old)]]);
  const without = (part: 'deployment' | 'service' | 'injector') =>
    new Map([[New, controlPlane(New, { [part]: undefined })]]);

  it('installs only while istiod has no Deployment', () => {
    expect(kinds(installControlPlane.effects(worldWith({ controlPlanes: withoutNew }), plan()))).toEqual(['install']);
    const scaledDown = new Map([
      [New, controlPlane(New, { deployment: { name: `istiod-${New}`, desired: 1, ready: 0 } })],
    ]);
    expect(installControlPlane.effects(worldWith({ controlPlanes: scaledDown }), plan())).toEqual([]);
  });

  it.for([
    { leaves: false, release: '1.30.4', to: '1.31.0' },
    { leaves: false, release: '1.31.0', to: '1.31.0' },
    { leaves: false, release: undefined, to: '1.31.0' },
    { leaves: true, release: '1.31.1', to: '1.31.0' },
    { leaves: true, release: '1.30.4', to: '1.30.3' },
    { leaves: true, release: undefined, to: '1.30.3' },
  ])('leaves CRDs of $release for a target of $to: $leaves', ({ leaves, release, to }) => {
    const world = worldWith({ controlPlanes: withoutNew, definitions: { release } });
    const asked = plan({ versions: { from: '1.30.4', to } });
    expect(installControlPlane.effects(world, asked)).toEqual([
      { kind: 'install', revision: New, again: false, ...(leaves ? { leavesDefinitions: true } : {}) },
    ]);
  });

  it.for([
    { missing: [], when: 'all objects exist', planes: worldWith().controlPlanes },
    {
      missing: [`Deployment istiod-${New}: absent`],
      when: 'the Deployment does not exist',
      planes: without('deployment'),
    },
    { missing: [`Service istiod-${New}: absent`], when: 'the Service does not exist', planes: without('service') },
    {
      missing: [`webhook istio-sidecar-injector-${New}: absent`],
      when: 'the injector does not exist',
      planes: without('injector'),
    },
    {
      missing: [`Service istiod-${New}: no ready endpoint`],
      when: 'the Service has no endpoint',
      planes: new Map([[New, controlPlane(New, { service: { name: `istiod-${New}`, readyEndpoints: 0 } })]]),
    },
    {
      missing: [`webhook x: its CA bundle is empty`],
      when: 'the CA bundle is empty',
      planes: new Map([[New, controlPlane(New, { injector: { name: 'x', hasCaBundle: false } })]]),
    },
  ])('misses $missing when $when', ({ missing, planes }) => {
    expect(whats(installControlPlane.missing(worldWith({ controlPlanes: planes }), plan()))).toEqual(missing);
  });

  it.for([
    { object: { kind: 'Deployment', name: `istiod-${New}`, namespace: 'istio-system' }, refused: false },
    { object: { kind: 'CustomResourceDefinition', name: 'gateways.networking.istio.io' }, refused: false },
    { object: { kind: 'Deployment', name: 'istio-ingressgateway', namespace: 'istio-system' }, refused: true },
    { object: { kind: 'DaemonSet', name: 'istio-cni-node', namespace: 'istio-system' }, refused: true },
    { object: { kind: 'Deployment', name: `istiod-${Old}`, namespace: 'istio-system' }, refused: true },
    { object: { kind: 'Service', name: 'gateway', namespace: 'istio-ingress' }, refused: true },
    { object: { kind: 'MutatingWebhookConfiguration', name: 'istio-revision-tag-default' }, refused: true },
  ])('refuses a manifest with $object.kind $object.name: $refused', ({ object, refused }) => {
    const problems = installControlPlane.requires(
      worldWith({ manifest: { objects: [object], hash: 'as-asked', configuring: [] } }),
      plan(),
    );
    expect(codes(problems)).toEqual(refused ? ['INSTALL_TOUCHES_MORE'] : []);
  });

  it.for([
    { says: `tag default still points to ${Old}`, when: 'the tag has not moved', tags: tagAt(Old) },
    { says: `tag default points to ${New}`, when: 'an earlier run moved the tag', tags: tagAt(New) },
  ])('names the revision of the tag in its proof when $when', ({ says, tags }) => {
    expect(installControlPlane.proof?.(worldWith({ tags }), plan())).toContain(says);
  });
});

describe('stage 3', () => {
  it("moves the tag, and is done when a pod created now gets the target's proxy", () => {
    expect(kinds(moveTag.effects(worldWith(), plan()))).toEqual(['move-tag']);
    const injections = [injection({ revision: Old })];
    const moved = worldWith({ tags: tagAt(New), injections });
    expect(moveTag.effects(moved, plan())).toEqual([]);
    expect(whats(moveTag.missing(moved, plan()))).toEqual(['a pod of Deployment foo/foo created now: 1-30-4']);
    expect(moveTag.missing(worldWith({ tags: tagAt(New) }), plan())).toEqual([]);
  });

  it('does not wait for a namespace whose quota is full, and says that its pods were not asked', () => {
    const full = worldWith({ tags: tagAt(New), injections: [injection({ passedOver: 'exceeded quota: compute' })] });
    expect(moveTag.missing(full, plan())).toEqual([]);
    expect(moveTag.proof?.(full, plan())).toContain('not asked: Deployment foo/foo: exceeded quota: compute');
  });

  const back: Plan = plan({ direction: 'back', from: New, to: Old });
  const dead = (revision: string) =>
    new Map([[revision, controlPlane(revision, { service: { name: 'istiod', readyEndpoints: 0 } })]]);

  it('refuses a target without a ready endpoint', () => {
    expect(codes(moveTag.requires(worldWith({ controlPlanes: dead(New) }), plan()))).toEqual([
      'CONTROL_PLANE_NOT_READY',
    ]);
  });

  it('waits in a rollback for an old istiod without a ready endpoint', () => {
    const world = worldWith({ controlPlanes: dead(Old), tags: tagAt(New) });
    expect(moveTagBack.requires(world, back)).toEqual([]);
    expect(moveTagBack.effects(world, back)).toEqual([]);
    expect(moveTagBack.missing(world, back)[0]).toMatchObject({ what: 'Service istiod', is: 'no ready endpoint' });
  });

  it('does not wait in a rollback for an old istiod that is not installed', () => {
    const world = worldWith({ controlPlanes: new Map(), tags: tagAt(New) });
    expect(codes(moveTagBack.requires(world, back))).toContain('CONTROL_PLANE_NOT_READY');
  });

  it('stops an upgrade when the new istiod refuses a pod, but not a rollback', () => {
    const injections = [injection({ refused: 'deadline exceeded', by: 'injector' })];
    expect(codes(moveTag.requires(worldWith({ injections }), plan()))).toEqual(['POD_REFUSED']);
    expect(moveTagBack.looksAt).not.toContain('injections');
    expect(proveTagBack.requires(worldWith({ injections }), back)).toEqual([]);
  });
});

const passed = { verdict: 'pass' as const, reason: '', at: 0, answers: [], traffic: [], evidence: evidenceWith({}) };
const onNew = { pods: new Map([[New, 2]]), restartedBy: { runId: 'run1', direction: 'forward' as const } };
const marks: Marks = {
  waves: { canary: { namespaces: ['bar'], startedAt: 1, readyAt: 2, verdict: passed } },
};
const three = plan({
  waves: ['bar', 'baz', 'foo'].map((name, index) => ({ name: index === 0 ? 'canary' : name, namespaces: [name] })),
});

describe('stage 4', () => {
  const two = plan({ gateways: ['edge/a', 'edge/b'] });
  const [idA, idB] = ['Deployment edge/a', 'Deployment edge/b'];
  const gate = (name: string, more: Partial<Workload> = {}) => workload('edge', name, { isGateway: true, ...more });
  const arrived = { ...onNew, rollout: rolledOut };
  /** Their restart cost is past a minute and a scrape after they are ready; a settled sample comes 30 s later. */
  const bakeMs = 60_000 + 15_000 + 30_000;
  const noted = (gateways: readonly string[], more: Partial<WaveMarks> = {}): Marks => ({
    waves: { gateways: { namespaces: ['edge'], startedAt: 1, readyAt: 1_000, gateways, ...more } },
  });
  const does = (a: Partial<Workload>, b: Partial<Workload>, given: Marks, now: number) => {
    const world = worldWith({
      workloads: [gate('a', a), gate('b', b)],
      marks: given,
      now,
      namespaces: namespaces({ edge: {} }),
    });
    return upgradeGateways.effects(world, two).map((effect) => {
      if (effect.kind === 'restart-workload') return `restart ${effect.workload.name}`;
      return effect.kind === 'begin-bake' ? `bake ${effect.gateways?.join(' and ')}` : effect.kind;
    });
  };

  it.for([
    { does: ['begin-wave'], when: 'none was restarted', a: {}, b: {}, given: noMarks, now: 0 },
    {
      does: ['restart a'],
      when: 'the wave has begun',
      a: {},
      b: {},
      given: { waves: { gateways: { namespaces: ['edge'], startedAt: 1 } } },
      now: 0,
    },
    {
      does: [],
      when: 'one is being replaced',
      a: { restartedBy: onNew.restartedBy },
      b: {},
      given: { waves: { gateways: { namespaces: ['edge'], startedAt: 1 } } },
      now: 0,
    },
    {
      does: [`bake ${idA}`],
      when: 'the first is ready',
      a: arrived,
      b: {},
      given: { waves: { gateways: { namespaces: ['edge'], startedAt: 1 } } },
      now: 0,
    },
    { does: [], when: 'the first is watched', a: arrived, b: {}, given: noted([idA]), now: 1_000 + bakeMs - 1 },
    {
      does: ['restart b'],
      when: 'the first was watched for long enough',
      a: arrived,
      b: {},
      given: noted([idA]),
      now: 1_000 + bakeMs,
    },
    {
      does: [],
      when: 'the second is being replaced',
      a: arrived,
      b: { restartedBy: onNew.restartedBy },
      given: noted([idA]),
      now: 9_000_000,
    },
    {
      does: [`bake ${idA} and ${idB}`],
      when: 'the second is ready',
      a: arrived,
      b: arrived,
      given: noted([idA]),
      now: 9_000_000,
    },
    { does: [], when: 'both are noted', a: arrived, b: arrived, given: noted([idA, idB]), now: 9_000_000 },
    {
      does: [],
      when: 'a release that did not note which were ready has noted that all were',
      a: arrived,
      b: arrived,
      given: { waves: { gateways: { namespaces: ['edge'], startedAt: 1, readyAt: 1_000 } } },
      now: 9_000_000,
    },
    { does: [], when: 'another tool has upgraded them all', a: arrived, b: arrived, given: noMarks, now: 0 },
  ])('does $does when $when', ({ does: expected, a, b, given, now }) => {
    expect(does(a, b, given, now)).toEqual(expected);
  });

  it('lacks the time for which the newest gateway is watched', () => {
    const world = (now: number) =>
      worldWith({
        workloads: [gate('a', arrived), gate('b', arrived)],
        marks: noted([idA, idB]),
        now,
        namespaces: namespaces({ edge: {} }),
      });
    expect(whats(upgradeGateways.missing(world(2_000), two))).toEqual([
      'wave gateways: watched until 105 s after they were ready',
    ]);
    expect(upgradeGateways.missing(world(1_000 + bakeMs), two)).toEqual([]);
  });
});

describe('stage 6', () => {
  it.for([
    { verdict: undefined, judged: 'pass', records: true },
    { verdict: undefined, judged: 'hold', records: false },
    { verdict: 'pass', judged: 'fail', records: true },
    { verdict: 'pass', judged: 'pass', records: false },
    { verdict: 'fail', judged: 'pass', records: false },
  ] as const)(
    'records a judgement $judged of a wave with verdict $verdict: $records',
    ({ verdict, judged, records }) => {
      const given = { ...passed, verdict: judged, evidence: evidenceWith({ wave: 'canary' }) };
      const canary = {
        namespaces: ['bar'],
        startedAt: 1,
        readyAt: 2,
        ...(verdict && { verdict: { ...passed, verdict } }),
      };
      const world = worldWith({ marks: { waves: { canary } }, judged: [given] });
      const recorded = judgeCanary.effects(world, three).map((effect) => 'judged' in effect && effect.judged);
      expect(recorded).toEqual(records ? [given] : []);
      if (records) expect(recorded[0]).toBe(given);
    },
  );
});

describe('stage 7', () => {
  const workloads = [workload('bar', 'bar', onNew), workload('baz'), workload('foo')];

  it('begins one wave, and restarts its workloads only after the begin is recorded', () => {
    expect(restartWaves.effects(worldWith({ workloads, marks }), three)).toEqual([
      { kind: 'begin-wave', wave: 'baz', namespaces: ['baz'] },
    ]);
    const begun = { waves: { ...marks.waves, baz: { namespaces: ['baz'], startedAt: 3 } } };
    expect(restartWaves.effects(worldWith({ workloads, marks: begun }), three)).toMatchObject([
      { kind: 'restart-workload', workload: { namespace: 'baz' } },
    ]);
  });

  it('restarts nothing beside the fail of an earlier wave', () => {
    const begun = { waves: { ...marks.waves, baz: { namespaces: ['baz'], startedAt: 3 } } };
    const failed = { ...passed, verdict: 'fail' as const, evidence: evidenceWith({ wave: 'canary' }) };
    const world = worldWith({ workloads, marks: begun, judged: [failed] });
    expect(kinds(restartWaves.effects(world, three))).toEqual(['record-verdict']);
  });

  it('does not begin a wave before the previous wave has passed', () => {
    const baked = { waves: { ...marks.waves, baz: { namespaces: ['baz'], startedAt: 3, readyAt: 4 } } };
    const ready = [workload('bar', 'bar', onNew), workload('baz', 'baz', onNew), workload('foo')];
    const world = worldWith({ workloads: ready, marks: baked });
    expect(restartWaves.effects(world, three)).toEqual([]);
    expect(whats(restartWaves.missing(world, three))).toEqual(['wave baz: not judged yet']);
    const red = {
      waves: { ...baked.waves, baz: { ...baked.waves.baz, verdict: { ...passed, verdict: 'fail' as const } } },
    };
    expect(codes(restartWaves.broken?.(worldWith({ workloads: ready, marks: red }), three) ?? [])).toContain(
      'GATE_FAILED',
    );
  });
});

describe('the restarts of a rollback', () => {
  const back: Plan = { ...three, direction: 'back', from: New, to: Old };
  const moved = ['bar', 'baz', 'foo'].map((name) => workload(name, name, { ...onNew, rollout: rolledOut }));
  const named = (world: World) =>
    restartBack.effects(world, back).map((effect) => ('workload' in effect ? effect.workload.name : effect.kind));

  it('begin with the gateways, and take all waves at once', () => {
    const gateway = workload('istio-ingress', 'gate', { ...onNew, rollout: rolledOut, isGateway: true });
    const world = worldWith({ workloads: [...moved, gateway], marks, tags: tagAt(Old) });
    expect(named(world)).toEqual(['gate', 'bar', 'baz', 'foo']);
  });

  it('leave out what is set aside', () => {
    const [bar] = moved;
    const setAside = new Map([[bar?.id ?? '', RolloutBroken.of('its image cannot be pulled')]]);
    const world = worldWith({ workloads: moved, marks, tags: tagAt(Old), setAside });
    expect(named(world)).toEqual(['baz', 'foo']);
    expect(restartBack.missing(world, back).map(({ what }) => what)).toEqual([
      'Deployment baz/baz',
      'Deployment foo/foo',
    ]);
  });

  it('wait for the old istiod while it does not answer', () => {
    const controlPlanes = new Map([[Old, controlPlane(Old, { service: { name: 'istiod', readyEndpoints: 0 } })]]);
    expect(named(worldWith({ workloads: moved, marks, tags: tagAt(Old), controlPlanes }))).toEqual([]);
  });
});

describe('stage 8', () => {
  const removal = [
    { kind: 'Deployment', name: `istiod-${Old}`, namespace: 'istio-system' },
    { kind: 'Service', name: `istiod-${Old}`, namespace: 'istio-system' },
    { kind: 'MutatingWebhookConfiguration', name: `istio-sidecar-injector-${Old}` },
  ];
  const unused: Usage = { references: [], unknown: [], removal };
  const effects = (usage: Usage, marks: Partial<Marks> = {}, more: Partial<World> = {}) =>
    removeOldRevision.effects(worldWith({ usage, marks: { ...noMarks, ...marks }, now: 1_000_000, ...more }), plan());
  const used: Usage = { ...unused, references: [{ what: 'live pod', name: 'foo/x' }] };

  it.for([
    { does: [], when: 'the old revision is in use', made: effects(used) },
    {
      does: [],
      when: 'a read failed, since unknown counts as in use',
      made: effects({ ...unused, unknown: ['pods: forbidden'] }),
    },
    { does: ['record-unused'], when: 'nothing uses it, and no time is recorded', made: effects(unused) },
    { does: [], when: 'the soak is not over', made: effects(unused, { unusedSince: 950_000 }) },
    {
      does: ['uninstall'],
      when: 'nothing uses it after the soak either',
      made: effects(unused, { unusedSince: 940_000 }),
    },
    {
      does: ['record-unused'],
      when: 'it is used again during the soak',
      made: effects(used, { unusedSince: 940_000 }),
    },
    {
      does: [],
      when: 'the uninstall would also remove another object',
      made: effects(
        {
          ...unused,
          removal: [...removal, { kind: 'Deployment', name: 'istio-ingressgateway', namespace: 'istio-system' }],
        },
        { unusedSince: 1 },
      ),
    },
    {
      does: [],
      when: 'the uninstall would leave the Service',
      made: effects({ ...unused, removal: removal.filter(({ kind }) => kind !== 'Service') }, { unusedSince: 1 }),
    },
  ])('has the effects $does when $when', ({ does, made }) => {
    expect(kinds(made)).toEqual(does);
  });

  it('does not begin the removal before it is known that the new istiod injects alone', () => {
    const soaked = { unusedSince: 1 };
    expect(kinds(effects(unused, soaked))).toEqual(['uninstall']);
    expect(effects(unused, soaked, { finalInjections: 'not-asked' })).toEqual([]);
    const world = worldWith({ usage: unused, marks: { ...noMarks, ...soaked }, finalInjections: 'not-asked' });
    expect(whats(removeOldRevision.missing(world, plan()))).toEqual([`istiod ${Old}: unused for 1000 s`]);
  });

  it('is not done before the objects that an uninstall left are known', () => {
    const gone = { controlPlanes: new Map([[New, controlPlane(New)]]), leftovers: 'not-asked' as const };
    const marks = { ...noMarks, removalBegan: 1 };
    const world = worldWith({ ...gone, usage: unused, marks, unchangedForMs: 60_000 });
    expect(whats(removeOldRevision.missing(world, plan()))).toEqual([`what is left of istiod ${Old}: not read yet`]);
    expect(removeOldRevision.effects(world, plan())).toEqual([]);
  });

  it('removes what an interrupted uninstall left, after some seconds without a change', () => {
    const gone = {
      controlPlanes: new Map([[New, controlPlane(New)]]),
      leftovers: [{ kind: 'ConfigMap', name: `istio-${Old}`, namespace: 'istio-system' }],
    };
    const began = { removalBegan: 1 };
    expect(effects(unused, began, { ...gone, unchangedForMs: 3_000 })).toEqual([]);
    expect(kinds(effects(unused, began, { ...gone, unchangedForMs: 4_000 }))).toEqual(['remove-leftover']);
  });

  it('reports what still uses the old revision after two minutes', () => {
    const world = worldWith({ usage: used, unchangedForMs: 120_000 });
    expect(removeOldRevision.broken?.(world, plan())).toMatchObject([
      { code: 'OLD_REVISION_IN_USE', objects: ['live pod foo/x'] },
    ]);
  });
});
