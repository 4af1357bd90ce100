import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import type { Kind } from '../../../../src/ports/kubernetes.ts';

/** A kind as the API server serves it. */
export interface Resource extends Kind {
  /** Empty for the core group. */
  group: string;
  version: string;
  singular: string;
  subresources: readonly string[];
  /** Whether `metadata.generation` counts changes of everything but metadata and status. */
  hasGeneration: boolean;
  /** Whether a PUT without resourceVersion is accepted. */
  allowsUnconditionalUpdate: boolean;
  /** Whether a PUT of what is not there creates it. */
  createsOnUpdate: boolean;
  /** Served from a CustomResourceDefinition. */
  isCustom: boolean;
}

interface Traits {
  subresources?: readonly string[];
  hasGeneration?: boolean;
  allowsUnconditionalUpdate?: boolean;
  createsOnUpdate?: boolean;
  namespaced?: boolean;
}

const builtIn = (apiVersion: string, kind: string, plural: string, traits: Traits = {}): Resource => ({
  ...splitApiVersion(apiVersion),
  apiVersion,
  kind,
  plural,
  singular: kind.toLowerCase(),
  namespaced: traits.namespaced ?? true,
  subresources: traits.subresources ?? [],
  hasGeneration: traits.hasGeneration ?? false,
  allowsUnconditionalUpdate: traits.allowsUnconditionalUpdate ?? true,
  createsOnUpdate: traits.createsOnUpdate ?? false,
  isCustom: false,
});

const Workload: Traits = { subresources: ['status', 'scale'], hasGeneration: true };
const Status: Traits = { subresources: ['status'] };
const Cluster: Traits = { namespaced: false };
const Webhooks: Traits = { namespaced: false, hasGeneration: true, allowsUnconditionalUpdate: false };
const Admission = 'admissionregistration.k8s.io/v1';
const Rbac = 'rbac.authorization.k8s.io/v1';

export const BuiltInResources: readonly Resource[] = [
  builtIn('v1', 'Namespace', 'namespaces', { ...Cluster, ...Status }),
  builtIn('v1', 'Node', 'nodes', { ...Cluster, ...Status }),
  builtIn('v1', 'Pod', 'pods', { subresources: ['status', 'eviction'], hasGeneration: true }),
  builtIn('v1', 'Service', 'services', Status),
  builtIn('v1', 'ConfigMap', 'configmaps'),
  builtIn('v1', 'Secret', 'secrets'),
  builtIn('v1', 'ServiceAccount', 'serviceaccounts'),
  builtIn('v1', 'Event', 'events'),
  builtIn('v1', 'ResourceQuota', 'resourcequotas', Status),
  builtIn('apps/v1', 'Deployment', 'deployments', Workload),
  builtIn('apps/v1', 'ReplicaSet', 'replicasets', Workload),
  builtIn('apps/v1', 'StatefulSet', 'statefulsets', Workload),
  builtIn('apps/v1', 'DaemonSet', 'daemonsets', { subresources: ['status'], hasGeneration: true }),
  builtIn('apps/v1', 'ControllerRevision', 'controllerrevisions'),
  builtIn('batch/v1', 'Job', 'jobs', { subresources: ['status'], hasGeneration: true }),
  builtIn('batch/v1', 'CronJob', 'cronjobs', { subresources: ['status'], hasGeneration: true }),
  builtIn('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', Status),
  builtIn(Admission, 'MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', Webhooks),
  builtIn(Admission, 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', Webhooks),
  builtIn(Admission, 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies', { ...Webhooks, ...Status }),
  builtIn(Admission, 'ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', Webhooks),
  builtIn('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices', { hasGeneration: true }),
  builtIn('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', {
    subresources: ['status'],
    hasGeneration: true,
    allowsUnconditionalUpdate: false,
  }),
  builtIn('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', { hasGeneration: true }),
  builtIn(Rbac, 'Role', 'roles'),
  builtIn(Rbac, 'RoleBinding', 'rolebindings'),
  builtIn(Rbac, 'ClusterRole', 'clusterroles', Cluster),
  builtIn(Rbac, 'ClusterRoleBinding', 'clusterrolebindings', Cluster),
  builtIn('coordination.k8s.io/v1', 'Lease', 'leases', { allowsUnconditionalUpdate: false, createsOnUpdate: true }),
  builtIn('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
    namespaced: false,
    subresources: ['status'],
    hasGeneration: true,
  }),
];

/** Created, answered and forgotten; never stored. */
export const SelfSubjectAccessReviews: Resource = builtIn(
  'authorization.k8s.io/v1',
  'SelfSubjectAccessReview',
  'selfsubjectaccessreviews',
  Cluster,
);

export interface CustomResourceDefinition extends KubernetesObject {
  spec: {
    group: string;
    scope: 'Namespaced' | 'Cluster';
    names: { plural: string; kind: string; singular?: string };
    versions: { name: string; served: boolean; storage: boolean; subresources?: { status?: object } }[];
  };
}

/** What a definition makes the API server serve, one resource a served version. */
export function customResources({ spec }: CustomResourceDefinition): Resource[] {
  return spec.versions
    .filter(({ served }) => served)
    .map(({ name, subresources }) => ({
      group: spec.group,
      version: name,
      apiVersion: `${spec.group}/${name}`,
      kind: spec.names.kind,
      plural: spec.names.plural,
      singular: spec.names.singular ?? spec.names.kind.toLowerCase(),
      namespaced: spec.scope === 'Namespaced',
      subresources: subresources?.status ? ['status'] : [],
      hasGeneration: true,
      allowsUnconditionalUpdate: false,
      createsOnUpdate: false,
      isCustom: true,
    }));
}

/** How messages name a resource: `pods`, `deployments.apps`. */
export function qualified({ plural, group }: Pick<Resource, 'plural' | 'group'>): string {
  return group === '' ? plural : `${plural}.${group}`;
}

export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}
