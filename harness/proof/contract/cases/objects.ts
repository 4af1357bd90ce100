/** Objects that cases begin with, as a client sends them. */

export const configMap = (
  name: string,
  data: Readonly<Record<string, string>> = {},
  labels?: Record<string, string>,
) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...(labels ? { labels } : {}) },
  data,
});

export const lease = (name: string, holderIdentity: string) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name },
  spec: { holderIdentity, leaseDurationSeconds: 15, leaseTransitions: 0, renewTime: '2026-11-22T21:41:00.000000Z' },
});

const template = (app: string, extra: object = {}) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'app', image: 'example.org/app:1' }], ...extra },
});

export const deployment = (name: string, replicas: number, spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name), ...spec },
});

export const statefulSet = (name: string, replicas: number, spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name },
  spec: { replicas, serviceName: name, selector: { matchLabels: { app: name } }, template: template(name), ...spec },
});

export const daemonSet = (name: string, spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name },
  spec: { selector: { matchLabels: { app: name } }, template: template(name), ...spec },
});

export const pod = (name: string, labels: Readonly<Record<string, string>> = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  spec: { containers: [{ name: 'app', image: 'example.org/app:1' }] },
});

export const restart = (at = '2026-11-22T22:00:00Z') => ({
  spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': at } } } },
});
