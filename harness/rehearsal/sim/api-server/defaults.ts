import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import type { Random } from '../random.ts';
import { isMap, type JsonMap } from './json.ts';
import type { Resource } from './resources.ts';

type Spec = JsonMap;
type Default = (object: KubernetesObject & { spec?: Spec; webhooks?: JsonMap[] }, random: Random) => KubernetesObject;

/** What the API server fills in on every write, for the fields that this project reads. */
export function withDefaults(resource: Resource, object: KubernetesObject, random: Random): KubernetesObject {
  const fill = resource.isCustom ? undefined : Defaults[resource.kind];
  return fill ? fill(object, random) : object;
}

/** The status a new object starts with; whatever the creator sent is dropped. */
export function initialStatus({ kind }: Resource, object: KubernetesObject): unknown {
  switch (kind) {
    case 'Namespace':
      return { phase: 'Active' };
    case 'Pod':
      return { phase: 'Pending', qosClass: 'BestEffort' };
    // kubelets register themselves with a status, and the API server keeps it.
    case 'Node':
      return (object as { status?: unknown }).status ?? {};
    case 'Service':
      return { loadBalancer: {} };
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'PodDisruptionBudget':
      return {};
    default:
      return undefined;
  }
}

const Defaults: Readonly<Record<string, Default>> = {
  Namespace: (object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name },
    },
    spec: { finalizers: ['kubernetes'], ...object.spec },
  }),
  Deployment: (object) => ({
    ...object,
    spec: {
      progressDeadlineSeconds: 600,
      replicas: 1,
      revisionHistoryLimit: 10,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      ...workloadSpec(object.spec),
    },
  }),
  ReplicaSet: (object) => ({ ...object, spec: { replicas: 1, ...workloadSpec(object.spec) } }),
  StatefulSet: (object) => ({
    ...object,
    spec: {
      podManagementPolicy: 'OrderedReady',
      replicas: 1,
      revisionHistoryLimit: 10,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      ...workloadSpec(object.spec),
    },
  }),
  DaemonSet: (object) => ({
    ...object,
    spec: {
      revisionHistoryLimit: 10,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      ...workloadSpec(object.spec),
    },
  }),
  Pod: (object) => ({ ...object, spec: podSpec(object.spec) }),
  Service: (object, random) => {
    const clusterIP = object.spec?.['clusterIP'] ?? `10.96.${random.below(256)}.${random.below(256)}`;
    return {
      ...object,
      spec: {
        clusterIP,
        clusterIPs: [clusterIP],
        internalTrafficPolicy: 'Cluster',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        sessionAffinity: 'None',
        type: 'ClusterIP',
        ...object.spec,
        ports: list(object.spec?.['ports']).map((port) => ({
          ...port,
          protocol: port['protocol'] ?? 'TCP',
          // A zero means "not said"; istioctl's tag templates send it.
          targetPort: port['targetPort'] || port['port'],
        })),
      },
    };
  },
  MutatingWebhookConfiguration: (object) => ({
    ...object,
    webhooks: webhooks(object.webhooks, { reinvocationPolicy: 'Never' }),
  }),
  ValidatingWebhookConfiguration: (object) => ({ ...object, webhooks: webhooks(object.webhooks, {}) }),
};

function workloadSpec(spec: Spec | undefined): Spec {
  const template = spec?.['template'];
  if (!isMap(template)) return { ...spec };
  return { ...spec, template: { ...template, spec: podSpec(isMap(template['spec']) ? template['spec'] : {}) } };
}

function podSpec(spec: Spec | undefined): Spec {
  return {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    serviceAccountName: 'default',
    terminationGracePeriodSeconds: 30,
    ...spec,
    ...(spec?.['containers'] === undefined ? {} : { containers: list(spec['containers']).map(container) }),
  };
}

function container(one: JsonMap): JsonMap {
  if (one['ports'] === undefined) return one;
  return { ...one, ports: list(one['ports']).map((port) => ({ protocol: 'TCP', ...port })) };
}

function webhooks(hooks: readonly JsonMap[] | undefined, more: JsonMap): JsonMap[] {
  return (hooks ?? []).map((hook) => ({
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
    ...more,
    ...hook,
    clientConfig: withServicePort(hook['clientConfig']),
    rules: list(hook['rules']).map((rule) => ({ scope: '*', ...rule })),
  }));
}

function withServicePort(clientConfig: unknown): unknown {
  if (!isMap(clientConfig) || !isMap(clientConfig['service'])) return clientConfig;
  return { ...clientConfig, service: { port: 443, ...clientConfig['service'] } };
}

function list(value: unknown): JsonMap[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}
