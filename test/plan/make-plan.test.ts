import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { Workload, World } from '../../src/model/world.ts';
import { differencesOf, hashPlan, makePlan, movesBetween, withRestOfNow } from '../../src/plan/make-plan.ts';
import { controlPlane, injectionWebhooks, New, namespaces, Old, tagAt, workload } from '../mesh/world-fixtures.ts';

const follows = { 'istio.io/rev': 'default' };

const textOf = (waves: string) =>
  `target: { version: 1.31.0 }\nwaves: ${waves}\ngate: { prometheus: "http://prometheus:9090" }\n`;
const configOf = (waves: string): Config => loadConfig(textOf(waves), 'test.yaml');

type Observed = Parameters<typeof makePlan>[0];

const worldOf = (names: readonly string[], more: Partial<Observed> = {}): Observed => ({
  identity: { clusterUid: 'uid-1', kubernetesVersion: 'v1.36.3' },
  controlPlanes: new Map([[Old, controlPlane(Old)]]),
  tags: tagAt(Old),
  webhooks: injectionWebhooks('istio-revision-tag-default', { tag: 'default', revision: Old }),
  namespaces: namespaces(Object.fromEntries(names.map((name) => [name, follows]))),
  workloads: names.map((name) => workload(name)),
  ...more,
});

const make = (world: Observed, waves: string) => makePlan(world, configOf(waves), Old, 'run1');
const names = (plan: ReturnType<typeof make>['plan']) =>
  plan.waves.map(({ name, namespaces: own }) => `${name}: ${own.join(' ')}`);
const rest = '{ name: rest, namespaces: "*" }';

describe('the waves of a plan', () => {
  it.for([
    { waves: `[{ name: canary, namespaces: [bar] }, ${rest}]`, plan: ['canary: bar', 'rest: baz foo team-a team-b'] },
    {
      waves: `[{ name: canary, namespaces: ["team-*"] }, ${rest}]`,
      plan: ['canary: team-a team-b', 'rest: bar baz foo'],
    },
    { waves: '[{ name: a, namespaces: [foo] }, { name: b, namespaces: [bar, baz] }]', plan: ['a: foo', 'b: bar baz'] },
    {
      waves: '[{ name: canary, namespaces: [bar] }, { name: rest, namespaces: "*", atOnce: 50% }]',
      plan: ['canary: bar', 'rest-1: baz foo', 'rest-2: team-a team-b'],
    },
    {
      waves: '[{ name: canary, namespaces: [bar] }, { name: rest, namespaces: "*", atOnce: 3 }]',
      plan: ['canary: bar', 'rest-1: baz foo team-a', 'rest-2: team-b'],
    },
  ])('of $waves are $plan', ({ waves, plan }) => {
    const made = make(worldOf(['foo', 'bar', 'baz', 'team-a', 'team-b']), waves);
    expect(made.problems).toEqual([]);
    expect(names(made.plan)).toEqual(plan);
  });

  it.for([
    {
      code: 'NAMESPACE_UNKNOWN',
      when: 'a wave names a namespace that does not exist',
      waves: '[{ name: a, namespaces: [bar, nope] }]',
    },
    {
      code: 'NAMESPACE_NOT_OF_TAG',
      when: 'a wave names a namespace that does not follow the tag',
      waves: '[{ name: a, namespaces: [bar, outside] }]',
    },
    {
      code: 'WAVES_OVERLAP',
      when: 'a pattern matches a namespace of an earlier wave',
      waves: '[{ name: a, namespaces: ["ba*"] }, { name: b, namespaces: ["b*"] }]',
    },
    {
      code: 'WAVE_EMPTY',
      when: 'a pattern matches nothing',
      waves: '[{ name: a, namespaces: [bar] }, { name: b, namespaces: ["x-*"] }]',
    },
  ])('are refused when $when: $code', ({ code, waves }) => {
    const world = worldOf(['bar', 'baz']);
    const here = new Map([...world.namespaces, ...namespaces({ outside: {} })]);
    expect(make({ ...world, namespaces: here }, waves).problems.map((problem) => problem.code)).toContain(code);
  });

  it('leave out namespaces that terminate, decline injection or have only gateways', () => {
    const world = worldOf(['bar', 'foo'], {
      namespaces: new Map([
        ...namespaces({
          bar: follows,
          foo: follows,
          out: { ...follows, 'istio-injection': 'disabled' },
          ingress: follows,
        }),
        ['dying', { name: 'dying', labels: follows, managers: [], terminating: true }],
      ]),
      workloads: [workload('bar'), workload('foo'), workload('ingress', 'gw', { isGateway: true })],
    });
    const { plan } = make(world, `[{ name: canary, namespaces: [bar] }, ${rest}]`);
    expect(plan.gateways).toEqual(['ingress/gw']);
    expect(names(plan)).toEqual(['canary: bar', 'rest: foo']);
  });

  it('are watched beside Gateway API gateways that the new istiod replaces, also when these run the new proxy already', () => {
    const template = { ...workload('n').template, labels: { 'gateway.networking.k8s.io/gateway-name': 'gw' } };
    const api = (pods: Workload['pods']) => workload('edge', 'gw-istio', { follows: undefined, template, pods });
    const waves = `[{ name: canary, namespaces: [bar] }, ${rest}]`;
    const at = (revision: string) =>
      worldOf(['bar', 'foo'], { workloads: [workload('bar'), workload('foo'), api(new Map([[revision, 2]]))] });
    const { plan } = make(at(Old), waves);
    expect(plan.gatewaysOfTag).toEqual(['edge/gw-istio']);
    expect(make(at(New), waves).plan.gatewaysOfTag).toBeUndefined();
    const underWay = { plan, stays: new Set<string>() };
    expect(makePlan(at(New), configOf(waves), Old, 'run1', underWay).plan.gatewaysOfTag).toEqual(['edge/gw-istio']);
    const other = loadConfig(`mesh: { tag: prod }\n${textOf(waves)}`, 'test.yaml');
    expect(makePlan(at(Old), other, Old, 'run1').plan.gatewaysOfTag).toBeUndefined();
  });

  it('put every namespace of the tag into exactly one wave when the last is "*"', () => {
    const label = fc.stringMatching(/^[a-d]{1,3}$/);
    const property = fc.property(
      fc.uniqueArray(label, { minLength: 2, maxLength: 12 }),
      fc.integer({ min: 1, max: 100 }),
      (all, percent) => {
        const [canary = '', ...others] = all;
        const { plan, problems } = make(
          worldOf(all),
          `[{ name: canary, namespaces: [${canary}] }, { name: rest, namespaces: "*", atOnce: ${percent}% }]`,
        );
        expect(problems).toEqual([]);
        expect(plan.waves.flatMap((wave) => wave.namespaces).sort()).toEqual([canary, ...others].sort());
        expect(plan.waves.every((wave) => wave.namespaces.length > 0)).toBe(true);
      },
    );
    fc.assert(property, { seed: 20 });
  });
});

describe('the plan of an upgrade that is under way', () => {
  const grouped = '[{ name: canary, namespaces: [bar] }, { name: rest, namespaces: "*", atOnce: 2 }]';
  const { plan } = make(worldOf(['bar', 'b', 'c', 'd']), grouped);
  const stays = new Set<string>();
  const replanned = (world: Observed, waves = grouped, left = stays) =>
    makePlan(world, configOf(waves), Old, 'run1', { plan, stays: left });

  it.for([
    { what: 'a namespace joins the last group', now: ['b', 'c', 'd', 'a'], waves: ['rest-1: b c', 'rest-2: a d'] },
    {
      what: 'more join than it has room for',
      now: ['b', 'c', 'd', 'a', 'e', 'f', 'g'],
      waves: ['rest-1: b c', 'rest-2: a d', 'rest-3: e f', 'rest-4: g'],
    },
    { what: 'a namespace vanishes', now: ['c', 'd'], waves: ['rest-1: c', 'rest-2: d'] },
    { what: 'a whole group vanishes', now: ['d', 'e', 'f'], waves: ['rest-2: d e', 'rest-3: f'] },
    { what: 'the whole wave "*" vanishes', now: [], waves: [] },
  ])('keeps its groups when $what', ({ now, waves }) => {
    const made = replanned(worldOf(['bar', ...now]));
    expect(made.problems).toEqual([]);
    expect(names(made.plan)).toEqual(['canary: bar', ...waves]);
    expect(hashPlan(made.plan)).toBe(hashPlan(plan));
  });

  it('is divided anew when the size of the groups changes in the config', () => {
    const made = replanned(worldOf(['bar', 'b', 'c', 'd', 'a']), grouped.replace('atOnce: 2', 'atOnce: 3'));
    expect(names(made.plan)).toEqual(['canary: bar', 'rest-1: a b c', 'rest-2: d']);
  });

  it('keeps a namespace of the wave "*" whose labels were taken away, unless a person accepts that', () => {
    const world = worldOf(['bar', 'b', 'd']);
    const here = { ...world, namespaces: new Map([...world.namespaces, ...namespaces({ c: {} })]) };
    expect(names(replanned(here, grouped, new Set(['c'])).plan)).toEqual(['canary: bar', 'rest-1: b c', 'rest-2: d']);
    expect(names(replanned(here).plan)).toEqual(['canary: bar', 'rest-1: b', 'rest-2: d']);
  });
});

describe('the wave "*" while the upgrade runs', () => {
  const { plan } = make(worldOf(['bar', 'foo']), `[{ name: canary, namespaces: [bar] }, ${rest}]`);
  const onNew = { pods: new Map([[New, 2]]) };
  const world = {
    ...worldOf(['bar', 'foo', 'old', 'new']),
    workloads: [workload('foo'), workload('old'), workload('new', 'new', onNew)],
  };

  it.for([
    { who: 'all', waves: 'rest: foo new old' },
    { who: 'to restart', waves: 'rest: foo old' },
  ] as const)('is joined by what is $who', ({ who, waves }) => {
    expect(names(withRestOfNow(plan, world, who))).toEqual(['canary: bar', waves]);
  });

  it('loses what was deleted, and keeps what left the tag with sidecars in its pods', () => {
    const { namespaces: here } = worldOf(['bar']);
    expect(names(withRestOfNow(plan, { ...world, namespaces: here, workloads: [] }, 'all'))).toEqual(['canary: bar']);
    const unlabelled = { ...world, namespaces: new Map([...here, ...namespaces({ foo: {} })]) };
    const left = withRestOfNow(
      plan,
      { ...unlabelled, workloads: [workload('foo', 'foo', { follows: undefined })] },
      'all',
    );
    expect(names(left)).toEqual(['canary: bar', 'rest: foo']);
  });
});

describe('the hash of a plan', () => {
  const waves = `[{ name: canary, namespaces: [bar] }, ${rest}]`;
  const { plan } = make(worldOf(['foo', 'bar']), waves);

  it('depends neither on the run id nor on the order of the namespaces', () => {
    const reversed: Pick<World, 'namespaces'> = { namespaces: namespaces({ foo: follows, bar: follows }) };
    const again = makePlan({ ...worldOf(['bar', 'foo']), ...reversed }, configOf(waves), Old, 'another run').plan;
    expect(hashPlan(again)).toBe(hashPlan(plan));
    expect(hashPlan(plan)).toMatch(/^[0-9a-f]{12}$/);
  });

  it.for([
    { what: 'appears', others: ['foo', 'bar', 'new'], said: 'namespace new joined wave rest' },
    { what: 'vanishes', others: ['bar', 'baz'], said: 'namespace foo left wave rest' },
  ])('is the same when a namespace $what in the wave "*", which is told', ({ others, said }) => {
    const other = make(worldOf(others), waves).plan;
    expect(hashPlan(other)).toBe(hashPlan(plan));
    expect(movesBetween(plan, other)).toContain(said);
  });

  it('is the one that release 0.1.0 gave the plan if no cluster is named', () => {
    const { match: _match, ...gate } = plan.gate;
    expect(hashPlan({ ...plan, gate: gate as typeof plan.gate })).toBe(hashPlan(plan));
  });

  it.for([
    {
      what: 'a namespace that a pattern adds',
      other: { ...plan, waves: [{ name: 'canary', namespaces: ['bar', 'new'] }] },
      said: 'namespace new joined wave canary',
    },
    {
      what: 'a removed namespace of the canary',
      other: { ...plan, waves: [{ name: 'canary', namespaces: [] }] },
      said: 'namespace bar left wave canary',
    },
    {
      what: 'another size of the groups of the wave "*"',
      other: make(worldOf(['foo', 'bar']), waves.replace('"*"', '"*", atOnce: 1')).plan,
      said: 'rest changed',
    },
    {
      what: 'a namespace in another wave',
      other: { ...plan, waves: [{ name: 'canary', namespaces: ['bar', 'foo'] }] },
      said: 'namespace foo went from wave rest to canary',
    },
    { what: 'another target', other: { ...plan, to: '1-31-1' }, said: `to was ${New}, now 1-31-1` },
    {
      what: 'another limit of the gate',
      other: { ...plan, gate: { ...plan.gate, errorRatioMax: 0.5 } },
      said: 'gate changed',
    },
    {
      what: 'a gate that only observes',
      other: { ...plan, gate: { ...plan.gate, mode: 'observe' as const } },
      said: 'gate changed',
    },
    {
      what: 'the cluster whose series are judged',
      other: { ...plan, gate: { ...plan.gate, match: 'cluster="prod-1"' } },
      said: 'gate changed',
    },
  ])('changes with $what, and the difference is described', ({ other, said }) => {
    expect(hashPlan(other)).not.toBe(hashPlan(plan));
    expect(differencesOf(plan, other)).toContain(said);
  });
});
