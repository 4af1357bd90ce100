import { describe, expect, it } from 'vitest';
import type { WaveConfig } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { AdmissionWebhook, NamespaceState } from '../../src/model/world.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { tagAt } from '../mesh/world-fixtures.ts';

const config = loadConfig(
  'target: { version: 1.31.0 }\nwaves: [{ name: x, namespaces: "*" }]\ngate: { prometheus: "http://p:9090" }\n',
  'x.yaml',
);

const tiers: Readonly<Record<string, string>> = { bar: 'test', baz: 'test', foo: 'prod' };
const namespace = (name: string): [string, NamespaceState] => [
  name,
  {
    name,
    labels: { 'istio.io/rev': 'default', tier: tiers[name] ?? '' },
    managers: [],
    terminating: false,
  },
];

const webhook: AdmissionWebhook = {
  configuration: 'istio-revision-tag-default',
  kind: 'MutatingWebhookConfiguration',
  name: 'rev.namespace.sidecar-injector.istio.io',
  tag: 'default',
  service: { namespace: 'istio-system', name: 'istiod-1-30-4', exists: true, readyEndpoints: 1 },
  revision: '1-30-4',
  failurePolicy: 'Fail',
  hasCaBundle: true,
  namespaceSelector: { matchLabels: { 'istio.io/rev': 'default' } },
  objectSelector: undefined,
  injects: true,
};

const planned = (...waves: [name: string, namespaces: '*' | string[]][]) =>
  plannedAs(waves.map(([name, namespaces]): WaveConfig => ({ name, namespaces, atOnce: { ratio: 1 } })));

/** Waves as a person writes them. */
const loaded = (waves: readonly string[], more = '') =>
  loadConfig(
    `target: { version: 1.31.0 }\nwaves: [${waves.join(', ')}]\ngate: { prometheus: "http://p:9090" }\n${more}`,
    'x.yaml',
  ).waves;
const written = (...waves: string[]) => plannedAs(loaded(waves));

function plannedAs(configs: readonly WaveConfig[]) {
  const world = {
    identity: { clusterUid: 'u', kubernetesVersion: 'v1.36.0' },
    controlPlanes: new Map(),
    tags: tagAt('1-30-4'),
    webhooks: [webhook],
    namespaces: new Map(['bar', 'baz', 'foo'].map(namespace)),
    workloads: [],
  };
  const { plan, problems } = makePlan(world, { ...config, waves: configs }, '1-30-4', 'run');
  return {
    waves: plan.waves.map(({ name, namespaces }) => `${name}: ${namespaces.join(' ')}`),
    problems: problems.map(({ code, objects }) => `${code} ${objects.join(' ')}`),
  };
}

describe('the waves of a plan', () => {
  it('put a namespace into the wave that names it, even if a pattern of another wave matches it', () => {
    expect(planned(['canary', ['bar']], ['rest', ['ba*', 'foo']])).toEqual({
      waves: ['canary: bar', 'rest: baz foo'],
      problems: [],
    });
    expect(planned(['canary', ['ba*']], ['rest', ['bar']])).toEqual({
      waves: ['canary: baz', 'rest: bar'],
      problems: [],
    });
  });

  it('put all other namespaces into the wave "*"', () => {
    expect(planned(['canary', ['bar']], ['rest', '*']).waves).toEqual(['canary: bar', 'rest: baz foo']);
  });

  it.for([
    {
      when: 'labels select it',
      waves: ['{ name: canary, selector: "tier in (test, dev)" }', '{ name: rest, namespaces: "*" }'],
      planned: ['canary: bar baz', 'rest: foo'],
    },
    {
      when: 'an earlier wave selects it too',
      waves: ['{ name: canary, selector: tier=test }', '{ name: rest, selector: "tier" }'],
      planned: ['canary: bar baz', 'rest: foo'],
    },
    {
      when: 'a pattern after the labels covers it too',
      waves: ['{ name: canary, selector: tier=test }', '{ name: rest, namespaces: ["*a*", foo] }'],
      planned: ['canary: bar baz', 'rest: foo'],
      problems: [],
    },
    {
      when: 'another wave names it',
      waves: ['{ name: canary, selector: tier=test }', '{ name: rest, namespaces: [baz, foo] }'],
      planned: ['canary: bar', 'rest: baz foo'],
    },
    {
      when: 'it is excepted from the labels, from a pattern or from "*"',
      waves: [
        '{ name: canary, selector: tier=test, except: [baz] }',
        '{ name: next, namespaces: ["ba*", "f*"], except: ["fo*", bar] }',
        '{ name: rest, namespaces: "*", except: [foo] }',
      ],
      planned: ['canary: bar', 'next: baz'],
      problems: ['WAVE_EMPTY bar baz foo'],
    },
  ])('have a namespace in the first wave that takes it, when $when', ({ waves, planned: wanted, problems = [] }) => {
    expect(written(...waves)).toEqual({ waves: wanted, problems });
  });

  it('stay without an excepted namespace that joins the mesh later', () => {
    const { waves } = written('{ name: canary, namespaces: [bar] }', '{ name: rest, namespaces: "*", except: ["f*"] }');
    expect(waves).toEqual(['canary: bar', 'rest: baz']);
  });

  it.for([
    { wave: '{ name: canary }', says: 'waves[0].namespaces is missing' },
    { wave: '{ name: canary, namespaces: [a], selector: tier=test }', says: 'both namespaces and selector' },
    { wave: '{ name: canary, selector: "tier=(test" }', says: 'is not a label selector' },
    { wave: '{ name: canary, selector: "," }', says: 'is not a label selector' },
  ])('of a config are refused as $wave', ({ wave, says }) => {
    expect(() => written(wave)).toThrow(says);
  });

  it.for(['istio.io/rev=default', 'tier=test,istio-injection in (enabled)', '!istio.io/rev'])(
    'chosen by %s are refused with canary-first, which changes that label, and only then',
    (selector) => {
      const wave = `{ name: canary, selector: "${selector}" }`;
      const message = 'which strategy canary-first changes; choose by another label, or by names';
      expect(() => loaded([wave], 'strategy: canary-first')).toThrow(message);
      expect(() => loaded([wave])).not.toThrow();
    },
  );

  it('are refused when patterns of two waves match the same namespace', () => {
    expect(planned(['canary', ['b*r']], ['rest', ['ba*']]).problems).toEqual(['WAVES_OVERLAP bar']);
  });
});
