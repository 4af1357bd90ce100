import { describe, expect, it } from 'vitest';
import { podRequests } from '../../../src/checks/surge/pod-requests.ts';
import { none } from '../../../src/checks/surge/quantity.ts';
import { type Asking, shortages } from '../../../src/checks/surge/surge-needs.ts';
import { surgePods } from '../../../src/checks/surge/surge-pods.ts';
import type { WorkloadObject } from '../../../src/ports/objects.ts';
import { plan } from '../../mesh/world-fixtures.ts';

const GiB = 2 ** 30;
const asking = (namespace: string, more: Partial<Asking> = {}): Asking => ({
  namespace,
  name: namespace,
  requests: { cpu: 1, memory: GiB },
  pods: 4,
  surge: 1,
  ...more,
});

const spec = (more: object): WorkloadObject => ({
  metadata: { name: 'x' },
  spec: { template: { spec: { containers: [] } }, ...more },
});

describe('the room that restarts need', () => {
  const workloads = [asking('bar'), asking('foo'), asking('baz')];

  it('is there when the fullest part fits, to the last core', () => {
    expect(shortages({ workloads, allocatable: { cpu: 14, memory: 14 * GiB }, istiod: none }, plan())).toEqual([]);
  });

  it('is missed by name of the part, with the numbers', () => {
    expect(shortages({ workloads, allocatable: { cpu: 13, memory: 100 * GiB }, istiod: none }, plan())).toEqual([
      { part: 'wave rest', resource: 'cpu', needs: 2, allocatable: 13, requested: 12 },
    ]);
  });

  it('is less when fewer workloads restart at once', () => {
    const paced = plan({ pace: { workloadsAtOnce: 1, rolloutTimeoutMs: 900_000, roomTimeoutMs: 180_000 } });
    expect(shortages({ workloads, allocatable: { cpu: 13, memory: 13 * GiB }, istiod: none }, paced)).toEqual([]);
  });

  it('is more by the new istiod, which stays beside all of it', () => {
    const istiod = { cpu: 0.5, memory: 2 * GiB };
    const found = shortages({ workloads, allocatable: { cpu: 14, memory: 15 * GiB }, istiod }, plan());
    expect(found.map(({ resource, needs }) => [resource, needs])).toEqual([
      ['cpu', 2.5],
      ['memory', 4 * GiB],
    ]);
  });

  it('counts gateways as a part of their own', () => {
    const gateway = asking('istio-ingress', { name: 'istio-ingressgateway', surge: 3 });
    const [found] = shortages(
      { workloads: [gateway], allocatable: { cpu: 5, memory: 99 * GiB }, istiod: none },
      plan(),
    );
    expect(found).toMatchObject({ part: 'the gateways', needs: 3 });
  });

  it('is none where nothing surges, even on nodes that are full', () => {
    const still = workloads.map((each) => ({ ...each, surge: 0 }));
    expect(shortages({ workloads: still, allocatable: none, istiod: none }, plan())).toEqual([]);
  });
});

describe('the pods beside the old ones', () => {
  it.for([
    { what: 'a Deployment without a word', kind: 'Deployment', more: {}, pods: 1, surge: 1 },
    { what: 'a Deployment of five', kind: 'Deployment', more: {}, pods: 5, surge: 2 },
    {
      what: 'a share of its own',
      kind: 'Deployment',
      more: { strategy: { rollingUpdate: { maxSurge: '100%' } } },
      pods: 3,
      surge: 3,
    },
    {
      what: 'a count of its own',
      kind: 'Deployment',
      more: { strategy: { rollingUpdate: { maxSurge: 0 } } },
      pods: 3,
      surge: 0,
    },
    { what: 'Recreate', kind: 'Deployment', more: { strategy: { type: 'Recreate' } }, pods: 3, surge: 0 },
    { what: 'a paused Deployment', kind: 'Deployment', more: { paused: true }, pods: 3, surge: 0 },
    { what: 'no replicas', kind: 'Deployment', more: {}, pods: 0, surge: 0 },
    { what: 'a StatefulSet', kind: 'StatefulSet', more: {}, pods: 3, surge: 0 },
    { what: 'a DaemonSet', kind: 'DaemonSet', more: {}, pods: 3, surge: 0 },
    {
      what: 'a DaemonSet that surges',
      kind: 'DaemonSet',
      more: { updateStrategy: { rollingUpdate: { maxSurge: '50%' } } },
      pods: 3,
      surge: 2,
    },
  ] as const)('are $surge for $what', ({ kind, more, pods, surge }) => {
    expect(surgePods(kind, spec(more), pods)).toBe(surge);
  });
});

describe('what a pod asks of its node', () => {
  const app = { name: 'app', resources: { requests: { cpu: '500m', memory: '1Gi' } } };

  it('is the sum of its containers, and the proxy when one is injected', () => {
    const template = { spec: { containers: [app, { name: 'quiet' }] } };
    expect(podRequests(template, false)).toEqual({ cpu: 0.5, memory: GiB });
    expect(podRequests(template, true)).toEqual({ cpu: 0.6, memory: GiB + 128 * 2 ** 20 });
  });

  it('takes the amounts that a template writes for its proxy', () => {
    const annotations = { 'sidecar.istio.io/proxyCPU': '2', 'sidecar.istio.io/proxyMemory': '2Gi' };
    expect(podRequests({ metadata: { annotations }, spec: { containers: [app] } }, true)).toEqual({
      cpu: 2.5,
      memory: 3 * GiB,
    });
    const proxy = { name: 'istio-proxy', resources: { requests: { cpu: '1', memory: '1Gi' } } };
    expect(podRequests({ spec: { containers: [proxy] } }, true)).toEqual({ cpu: 1, memory: GiB });
  });

  it('is as much as the greediest init container wants, if that is more', () => {
    const greedy = { name: 'migrate', resources: { requests: { cpu: '4' } } };
    const lasting = { name: 'log', restartPolicy: 'Always', resources: { requests: { cpu: '1' } } };
    expect(podRequests({ spec: { containers: [app], initContainers: [greedy, lasting] } }, false)).toEqual({
      cpu: 4,
      memory: GiB,
    });
  });
});
