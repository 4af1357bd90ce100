import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { World } from '../../src/model/world.ts';
import { differencesOf, hashPlan, makePlan } from '../../src/plan/make-plan.ts';
import { controlPlane, injectionWebhooks, New, namespaces, Old, tagAt, workload } from '../mesh/world-fixtures.ts';

const follows = { 'istio.io/rev': 'default' };

function configOf(waves: string): Config {
  return loadConfig(
    `target: { version: 1.31.0 }\nwaves: ${waves}\ngate: { prometheus: "http://prometheus:9090" }\n`,
    'test.yaml',
  );
}

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
    {
      what: 'an added namespace',
      other: make(worldOf(['foo', 'bar', 'new']), waves).plan,
      said: 'namespace new joined wave rest',
    },
    {
      what: 'a removed namespace',
      other: make(worldOf(['bar', 'baz']), waves).plan,
      said: 'namespace foo left wave rest',
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
  ])('changes with $what, and the difference is described', ({ other, said }) => {
    expect(hashPlan(other)).not.toBe(hashPlan(plan));
    expect(differencesOf(plan, other)).toContain(said);
  });
});
