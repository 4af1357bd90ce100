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

const namespace = (name: string): [string, NamespaceState] => [
  name,
  { name, labels: { 'istio.io/rev': 'default' }, managers: [], terminating: false },
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

function planned(...waves: [name: string, namespaces: '*' | string[]][]) {
  const world = {
    identity: { clusterUid: 'u', kubernetesVersion: 'v1.36.0' },
    controlPlanes: new Map(),
    tags: tagAt('1-30-4'),
    webhooks: [webhook],
    namespaces: new Map(['bar', 'baz', 'foo'].map(namespace)),
    workloads: [],
  };
  const configs = waves.map(([name, namespaces]): WaveConfig => ({ name, namespaces, atOnce: { ratio: 1 } }));
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

  it('are refused when patterns of two waves match the same namespace', () => {
    expect(planned(['canary', ['b*r']], ['rest', ['ba*']]).problems).toEqual(['WAVES_OVERLAP bar']);
  });
});
