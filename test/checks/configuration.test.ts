import { describe, expect, it } from 'vitest';
import { configurationFindings } from '../../src/checks/configuration.ts';
import { configurationOf } from '../../src/mesh/configuration.ts';
import type { KubernetesObject } from '../../src/model/kubernetes-object.ts';
import type { InstallPlan } from '../../src/model/plan.ts';
import { revisionSuffix } from '../../src/model/revision.ts';
import { merged, type Values } from '../../src/model/values.ts';
import { New, Old, plan } from '../mesh/world-fixtures.ts';
import { said } from './findings-said.ts';

/** What makes one installation differ from the plainest one. */
interface Made {
  given?: Values;
  mesh?: Values;
  env?: Readonly<Record<string, string>>;
  resources?: Values;
  injector?: Values;
  /** Of the Deployment; one when left out. */
  replicas?: number;
  autoscaler?: Values;
  budget?: Values;
  hasPolicy?: boolean;
  /** The ConfigMap values-REVISION was deleted. */
  unknown?: boolean;
}

/** The objects of an istiod, as far as they hold its configuration: the form that the lab shows. */
function installation(
  revision: string,
  { given = {}, mesh = {}, env = {}, resources = {}, injector = {}, unknown = false, replicas, ...around }: Made = {},
): readonly KubernetesObject[] {
  const suffix = revisionSuffix(revision);
  const configMap = (name: string, data: Record<string, Values>) => ({
    kind: 'ConfigMap',
    metadata: { name: `${name}${suffix}`, namespace: 'istio-system' },
    data: Object.fromEntries(Object.entries(data).map(([key, values]) => [key, JSON.stringify(values)])),
  });
  const original = merged({ revision, global: { tag: revision, istioNamespace: 'istio-system' } }, given);
  const { pilot = {} } = original as { pilot?: Values };
  const effective = merged(merged({ autoscaleMin: 1, traceSampling: 1 }, pilot), original);
  const own = {
    defaultConfig: { discoveryAddress: `istiod${suffix}.istio-system.svc:15012` },
    trustDomain: 'cluster.local',
  };
  const besides = (kind: string, spec: Values | undefined): readonly KubernetesObject[] =>
    spec === undefined
      ? []
      : [{ kind, metadata: { name: `istiod${suffix}`, namespace: 'istio-system' }, spec } as never];
  const container = {
    name: 'discovery',
    args: ['discovery'],
    env: [
      { name: 'REVISION', value: revision },
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ...Object.entries(env).map(([name, value]) => ({ name, value })),
    ],
    resources: merged({ requests: { cpu: '500m', memory: '2Gi' } }, resources),
  };
  return [
    ...(unknown ? [] : [configMap('values', { 'original-values': original, 'merged-values': effective })]),
    configMap('istio', { mesh: merged(merged(own, (given['meshConfig'] ?? {}) as Values), mesh) }),
    configMap('istio-sidecar-injector', { values: merged({ global: { tag: revision } }, injector) }),
    {
      kind: 'Deployment',
      metadata: { name: `istiod${suffix}`, namespace: 'istio-system' },
      spec: { replicas, template: { spec: { containers: [container] } } },
    } as KubernetesObject,
    ...besides('HorizontalPodAutoscaler', around.autoscaler),
    ...besides('PodDisruptionBudget', around.budget),
    ...besides('NetworkPolicy', around.hasPolicy === true ? {} : undefined),
  ];
}

const tag = (revision: string) => ({ kind: 'webhook', name: 't', revision, managers: [], owner: undefined }) as never;

function find(old: Made, now: Made, more: { from?: string; tagAt?: string; install?: Partial<InstallPlan> } = {}) {
  const { from = Old, tagAt = from, install = {} } = more;
  const configurations = {
    from: configurationOf(installation(from, old), from),
    to: configurationOf(installation(New, now), New),
    toIs: 'previewed' as const,
  };
  const world = { configurations, tags: new Map([['default', [tag(tagAt)]]]) };
  return configurationFindings(world, plan({ from, install: { set: [], ...install } }));
}

const meshConfig = { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' }, accessLogFile: '/dev/stdout' };

describe('the configurations of the two revisions', () => {
  it.for([
    { are: [], when: 'both are plain', old: {}, now: {} },
    { are: [], when: 'both were given the same', old: { given: { meshConfig } }, now: { given: { meshConfig } } },
    {
      are: [],
      when: 'the new one was not given what is the default of its charts',
      old: { given: { pilot: { autoscaleMin: 1 } } },
      now: {},
    },
    {
      are: [],
      when: 'a value is at the root of one chart and under pilot in the other',
      old: { given: { autoscaleMin: 3 } },
      now: { given: { pilot: { autoscaleMin: 3 } } },
    },
    { are: [], when: 'only the new one has a setting', old: {}, now: { given: { meshConfig } } },
    {
      are: ['blocks CONFIGURATION_LOST'],
      when: 'the new one was not given a setting of the mesh',
      old: { given: { meshConfig } },
      now: {},
    },
    {
      are: ['blocks CONFIGURATION_LOST'],
      when: 'it has one of several variables',
      old: { given: { pilot: { env: { A: '1', B: '1' } } }, env: { A: '1', B: '1' } },
      now: { given: { pilot: { env: { B: '1' } } }, env: { B: '1' } },
    },
    {
      are: ['blocks CONFIGURATION_LOST'],
      when: 'a variable was patched into the pods of the old one',
      old: { env: { PILOT_X: '1' } },
      now: {},
    },
    {
      are: ['notes CONFIGURATION_DIFFERS'],
      when: 'a variable of the charts is gone',
      old: { env: { PILOT_TRACE_SAMPLING: '1' } },
      now: {},
    },
    {
      are: ['blocks CONFIGURATION_LOST'],
      when: 'the ConfigMap of the old mesh was edited',
      old: { mesh: { accessLogFile: '/dev/stdout' } },
      now: {},
    },
    {
      are: ['blocks CONFIGURATION_LOST'],
      when: 'the trust domain differs, and nothing was given',
      old: { mesh: { trustDomain: 'old.example' } },
      now: {},
    },
    ...[
      {
        when: 'an autoscaler keeps fewer pods of the new one',
        old: { autoscaler: { minReplicas: 3, maxReplicas: 5 } },
        now: { autoscaler: { minReplicas: 1, maxReplicas: 5 } },
      },
      {
        when: 'an autoscaler allows fewer pods of the new one',
        old: { autoscaler: { minReplicas: 1, maxReplicas: 9 } },
        now: { autoscaler: { minReplicas: 1, maxReplicas: 5 } },
      },
      { when: 'nothing scales the new one', old: { autoscaler: { minReplicas: 2, maxReplicas: 5 } }, now: {} },
      { when: 'the new one has fewer pods', old: { replicas: 3 }, now: { replicas: 2 } },
      {
        when: 'an autoscaler keeps fewer pods of the new one than the old one has',
        old: { replicas: 2 },
        now: { autoscaler: { minReplicas: 1, maxReplicas: 5 } },
      },
      { when: 'no budget guards the new one', old: { budget: { minAvailable: 1 } }, now: {} },
      { when: 'no network policy shields the new one', old: { hasPolicy: true }, now: {} },
    ].map((each) => ({ are: ['blocks CONFIGURATION_LOST'], ...each })),
    ...[
      {
        when: 'an autoscaler keeps as many pods of the new one as the old one has',
        old: { replicas: 2 },
        now: { autoscaler: { minReplicas: 2, maxReplicas: 5 } },
      },
      {
        when: 'an autoscaler has raised the number of pods of the old one',
        old: { replicas: 4, autoscaler: { minReplicas: 1, maxReplicas: 5 } },
        now: { autoscaler: { minReplicas: 1, maxReplicas: 5 } },
      },
      { when: 'the new one has more pods', old: { replicas: 1 }, now: { replicas: 3 } },
    ].map((each) => ({
      are: each.when === 'the new one has more pods' ? ['notes CONFIGURATION_DIFFERS'] : [],
      ...each,
    })),
    {
      are: [],
      when: 'a resource is written in another unit, and a variable is empty',
      old: { resources: { requests: { cpu: '1', memory: '2Gi' } }, env: { PLATFORM: '' } },
      now: { resources: { requests: { cpu: '1000m', memory: '2048Mi' } } },
    },
    {
      are: ['blocks CONFIGURATION_LOST'],
      when: 'the pods of the new one ask for less',
      old: { resources: { requests: { cpu: '2' } } },
      now: { resources: { requests: { cpu: '1500m' } } },
    },
    {
      are: ['notes CONFIGURATION_DIFFERS'],
      when: 'the pods of the new one ask for more',
      old: {},
      now: { resources: { requests: { memory: '4096Mi' } } },
    },
    {
      are: ['notes CONFIGURATION_DIFFERS'],
      when: 'a default of the sidecar changed',
      old: { injector: { global: { proxy: { logLevel: 'warning' } } } },
      now: { injector: { global: { proxy: { logLevel: 'info' } } } },
    },
    {
      are: ['notes CONFIGURATION_SET'],
      when: 'the new one was given another value',
      old: { given: { meshConfig: { accessLogFile: '/a' } } },
      now: { given: { meshConfig: { accessLogFile: '/b' } } },
    },
    {
      are: ['warns CONFIGURATION_SET'],
      when: 'it was given another trust domain',
      old: { given: { meshConfig: { trustDomain: 'a' } } },
      now: { given: { meshConfig: { trustDomain: 'b' } } },
    },
    {
      are: ['warns CONFIGURATION_UNKNOWN'],
      when: 'nothing tells what the old one was given',
      old: { unknown: true },
      now: {},
    },
  ] as { are: string[]; when: string; old: Made; now: Made }[])('are $are when $when', ({ are, old, now }) => {
    expect(said(find(old, now))).toEqual(are);
  });

  it('are compared with an installation that has no revision as well', () => {
    expect(find({}, {}, { from: 'default' })).toEqual([]);
    expect(said(find({ given: { meshConfig } }, {}, { from: 'default' }))).toEqual(['blocks CONFIGURATION_LOST']);
  });

  it('lose nothing that is accepted, by its path or by one above it', () => {
    const lost = { given: { meshConfig } };
    const accept = (...paths: string[]) => said(find(lost, {}, { install: { accept: paths } }));
    expect(accept('meshConfig.accessLogFile')).toEqual(['blocks CONFIGURATION_LOST']);
    expect(accept('meshConfig.accessLogFile', 'meshConfig.outboundTrafficPolicy')).toEqual([]);
    expect(accept('meshConfig')).toEqual([]);
    expect(accept('mesh')).toEqual(['blocks CONFIGURATION_LOST']);
  });

  it('only warn once the tag has moved, since to stop gives no setting back', () => {
    expect(said(find({ given: { meshConfig } }, {}, { tagAt: New }))).toEqual(['warns CONFIGURATION_LOST']);
  });

  it('name what is lost with its values, the dangerous first, and how to accept it', () => {
    const [found] = find({ given: { meshConfig: { accessLogFile: '/dev/stdout', trustDomain: 'a.example' } } }, {});
    expect(found?.message).toBe(
      'The istiod 1-31-0 would lack 2 settings of 1-30-4: meshConfig.trustDomain "a.example" -> "cluster.local"; meshConfig.accessLogFile "/dev/stdout" -> none.',
    );
    expect(found?.fix).toContain('target.accept: [meshConfig.trustDomain, meshConfig.accessLogFile]');
  });

  it('show no value whose path says that it is secret', () => {
    const [found] = find({ given: { global: { apiToken: 'abc' } } }, {});
    expect(found?.message).toContain('global.apiToken (its value is not shown)');
    expect(JSON.stringify(found)).not.toContain('abc');
  });
});
