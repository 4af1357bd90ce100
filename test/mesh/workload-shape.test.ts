import { describe, expect, it } from 'vitest';
import { waitsBeforeItStops } from '../../src/checks/stop-wait.ts';
import { podRequests } from '../../src/checks/surge/pod-requests.ts';
import { workloadShape } from '../../src/mesh/observe/workload-shape.ts';
import type { KubernetesObject } from '../../src/model/kubernetes-object.ts';
import type { WorkloadObject } from '../../src/ports/objects.ts';
import { deployment } from '../../src/workloads/deployment.ts';

const container = (name: string, more: object = {}) => ({
  name,
  image: `registry.example/${name}:1`,
  resources: { requests: { cpu: '200m', memory: '64Mi' } },
  env: [{ name: 'SETTING', value: 'x'.repeat(1_000) }],
  volumeMounts: [{ name: 'data', mountPath: '/data' }],
  ...more,
});
const whole: KubernetesObject & WorkloadObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'foo',
    namespace: 'foo',
    uid: 'u1',
    generation: 3,
    resourceVersion: '9',
    labels: { app: 'foo' },
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'x'.repeat(5_000) },
  },
  spec: {
    replicas: 2,
    minReadySeconds: 5,
    selector: { matchLabels: { app: 'foo' } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } },
    template: {
      metadata: { labels: { app: 'foo' }, annotations: { 'sidecar.istio.io/proxyCPU': '50m' } },
      spec: {
        hostNetwork: true,
        containers: [container('app'), container('istio-proxy')],
        initContainers: [container('wait', { restartPolicy: 'Always' })],
      },
    },
  },
  status: { observedGeneration: 3, replicas: 2, updatedReplicas: 1, readyReplicas: 2 },
};
const held = workloadShape('istio-system')(whole) as WorkloadObject;

describe('the shape of a workload', () => {
  it('leads to the same rollout, template metadata and pod requests as the whole object', () => {
    expect(deployment.rolloutOf(held)).toEqual(deployment.rolloutOf(whole));
    expect(held.spec.template.metadata).toEqual(whole.spec.template.metadata);
    for (const injected of [true, false])
      expect(podRequests(held.spec.template, injected)).toEqual(podRequests(whole.spec.template, injected));
    expect({ ...held.spec, template: '' }).toEqual({ ...whole.spec, template: '' });
    expect(held.spec.template.spec.hostNetwork).toBe(true);
  });

  it('leads to the same answer on whether its pods wait before they stop', () => {
    const stopping = (preStop: object) => {
      const spec = { containers: [container('app', { lifecycle: { preStop } })] };
      return workloadShape('istio-system')({ ...whole, spec: { ...whole.spec, template: { spec } } } as WorkloadObject);
    };
    const command = { exec: { command: ['sh', '-c', 'x'.repeat(1_000)] } };
    for (const [hook, waits] of [
      [{ sleep: { seconds: 3 } }, true],
      [{ sleep: { seconds: 0 } }, false],
      [command, true],
    ] as const)
      expect(waitsBeforeItStops((stopping(hook) as WorkloadObject).spec.template)).toBe(waits);
    expect(JSON.stringify(stopping(command))).not.toContain('xxx');
  });

  it("drops environment variables, mounts and kubectl's copy of the object", () => {
    expect(JSON.stringify(held).length).toBeLessThan(1_200);
    expect(JSON.stringify(held)).not.toMatch(/SETTING|mountPath|last-applied/);
  });

  it('is the whole object in the Istio namespace, where istiod is read in more detail', () => {
    const istiod = { ...whole, metadata: { ...whole.metadata, namespace: 'istio-system' } };
    expect(workloadShape('istio-system')(istiod)).toBe(istiod);
  });
});
