import { describe, expect, it } from 'vitest';
import { podFacts } from '../../src/mesh/observe/pod-facts.ts';
import { podShape } from '../../src/mesh/observe/pod-shape.ts';
import type { PartialObject } from '../../src/model/kubernetes-object.ts';

const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'foo-5b8f', uid: 'u1', controller: true };
const pod = (metadata: Partial<PartialObject['metadata']>): PartialObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'foo-5b8f-abcde', namespace: 'foo', uid: 'u2', resourceVersion: '7', ...metadata },
});

describe('the shape of a pod', () => {
  it.for([
    {
      what: 'an injected pod of a Deployment',
      metadata: {
        labels: { app: 'foo', 'pod-template-hash': '5b8f' },
        annotations: { 'sidecar.istio.io/status': '{"containers":["istio-proxy"],"revision":"1-31-0"}' },
        ownerReferences: [owner],
      },
    },
    {
      what: 'a pod whose sidecar status is not JSON',
      metadata: {
        annotations: { 'sidecar.istio.io/status': 'yes', 'istio.io/rev': '1-30-4' },
        ownerReferences: [owner],
      },
    },
    {
      what: 'a gateway that istioctl installed',
      metadata: { labels: { 'operator.istio.io/component': 'IngressGateways', 'istio.io/rev': '1-30-4' } },
    },
    { what: 'a bare pod', metadata: {} },
    {
      what: 'a pod whose owner is not its controller',
      metadata: { ownerReferences: [{ ...owner, controller: false }] },
    },
  ])('leads to the same facts as the whole metadata for $what', ({ metadata }) => {
    const whole = pod(metadata);
    expect(podFacts(podShape()(whole))).toEqual(podFacts(whole));
  });

  it('keeps the resource version and the deletion timestamp', () => {
    const terminating = pod({ deletionTimestamp: '2026-11-22T21:41:00Z' });
    expect(podShape()(terminating).metadata).toMatchObject(terminating.metadata);
  });

  it('shares equal labels and owners between pods, and drops labels that are not used', () => {
    const shape = podShape();
    const metadata = { labels: { app: 'foo', 'pod-template-hash': '5b8f' }, ownerReferences: [owner] };
    const [one, other] = [shape(pod({ ...metadata, name: 'a' })), shape(pod({ ...metadata, name: 'b' }))];
    expect(one.metadata.labels).toEqual({ 'pod-template-hash': '5b8f' });
    expect(other.metadata.labels).toBe(one.metadata.labels);
    expect(other.metadata.ownerReferences).toBe(one.metadata.ownerReferences);
  });
});
