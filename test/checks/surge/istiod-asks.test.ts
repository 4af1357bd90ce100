import { expect, it } from 'vitest';
import { istiodAsks } from '../../../src/checks/surge/istiod-asks.ts';
import type { KubernetesObject } from '../../../src/model/kubernetes-object.ts';

const name = 'istiod-1-31-0';
const deployment = (replicas?: number) => ({
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    template: { spec: { containers: [{ name: 'discovery', resources: { requests: { cpu: '500m', memory: '1' } } }] } },
  },
});
const autoscaler = (of: string, minReplicas?: number) => ({
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: of },
  spec: { minReplicas },
});

it.for([
  { pods: 1, when: 'nothing says how many', objects: [deployment()] },
  { pods: 3, when: 'the Deployment says so', objects: [deployment(3)] },
  { pods: 2, when: 'an autoscaler keeps more than the Deployment has', objects: [deployment(1), autoscaler(name, 2)] },
  { pods: 1, when: 'the autoscaler is that of another istiod', objects: [deployment(), autoscaler('istiod', 2)] },
  { pods: 1, when: 'the autoscaler names no floor', objects: [deployment(), autoscaler(name)] },
])('an istiod asks for the requests of $pods pods when $when', ({ pods, objects }) => {
  const asks = istiodAsks(objects as unknown as KubernetesObject[], '1-31-0');
  expect(asks).toEqual({ requests: { cpu: 0.5, memory: 1 }, pods });
});

it('nothing is known of an istiod without a Deployment', () => {
  expect(istiodAsks([autoscaler(name, 2) as unknown as KubernetesObject], '1-31-0')).toBeUndefined();
});
