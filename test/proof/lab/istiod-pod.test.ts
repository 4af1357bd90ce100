import { describe, expect, it } from 'vitest';
import { istiodArgs, istiodEnv, istiodStatus } from '../../../harness/proof/lab/istiod-pod.ts';
import type { Pod } from '../../../harness/proof/lab/pod.ts';

const pod: Pod = {
  metadata: { name: 'istiod-1-30-4-abc', namespace: 'istio-system', uid: 'u', resourceVersion: '1' },
  spec: {
    nodeName: 'node-1',
    serviceAccountName: 'istiod-1-30-4',
    containers: [
      {
        name: 'discovery',
        image: 'docker.io/istio/pilot:1.30.4',
        args: ['discovery', '--monitoringAddr=:15014', '--domain', 'cluster.local'],
        env: [
          { name: 'REVISION', value: '1-30-4' },
          { name: 'KUBECONFIG', value: '/var/run/secrets/remote/config' },
          { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'SERVICE_ACCOUNT', valueFrom: { fieldRef: { fieldPath: 'spec.serviceAccountName' } } },
          { name: 'GOMAXPROCS', valueFrom: {} },
          { name: 'PLATFORM' },
        ],
      },
    ],
  },
};

describe('a process of istiod', () => {
  it("listens on its pod's address only", () => {
    const args = istiodArgs(pod, '10.244.200.2', 'kubeconfig');
    expect(args.slice(0, 3)).toEqual(['discovery', '--domain', 'cluster.local']);
    expect(args).not.toContain('--monitoringAddr=:15014');
    expect(args.filter((arg) => arg.includes(':'))).toEqual(
      [8080, 15017, 15010, 15012, 15014].map((port) => `10.244.200.2:${port}`),
    );
  });

  it("gets its container's environment without what only a container has", () => {
    expect(istiodEnv(pod, '10.244.200.2')).toEqual({
      REVISION: '1-30-4',
      POD_NAME: 'istiod-1-30-4-abc',
      SERVICE_ACCOUNT: 'istiod-1-30-4',
      PLATFORM: '',
    });
  });

  it.for([
    { state: { is: 'running', ready: true, since: 't' }, phase: 'Running', ready: 'True' },
    { state: { is: 'running', ready: false, since: 't' }, phase: 'Running', ready: 'False' },
    { state: { is: 'waiting', reason: 'ErrImagePull', message: 'm' }, phase: 'Pending', ready: 'False' },
    { state: { is: 'waiting', reason: 'CrashLoopBackOff', message: 'm' }, phase: 'Running', ready: 'False' },
  ] as const)('is $phase with Ready=$ready when it is $state', ({ state, phase, ready }) => {
    const status = istiodStatus(pod, '10.244.200.2', 't', 0, state);
    expect(status.phase).toBe(phase);
    expect(status.conditions.find(({ type }) => type === 'Ready')?.status).toBe(ready);
  });
});
