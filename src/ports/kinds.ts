import type { Kind } from './kubernetes.ts';

const core = (kind: string, plural: string, namespaced = true): Kind => ({
  apiVersion: 'v1',
  kind,
  plural,
  namespaced,
});
const apps = (kind: string, plural: string): Kind => ({ apiVersion: 'apps/v1', kind, plural, namespaced: true });

export const Namespaces = core('Namespace', 'namespaces', false);
export const Nodes = core('Node', 'nodes', false);
export const Pods = core('Pod', 'pods');
export const Services = core('Service', 'services');
export const ConfigMaps = core('ConfigMap', 'configmaps');
export const Deployments = apps('Deployment', 'deployments');
export const StatefulSets = apps('StatefulSet', 'statefulsets');
export const DaemonSets = apps('DaemonSet', 'daemonsets');
export const ArgoRollouts: Kind = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Rollout',
  plural: 'rollouts',
  namespaced: true,
};
export const Leases: Kind = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};
export const EndpointSlices: Kind = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
};
export const DisruptionBudgets: Kind = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  namespaced: true,
};
export const MutatingWebhooks: Kind = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  namespaced: false,
};
export const ValidatingWebhooks: Kind = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  namespaced: false,
};
export const AdmissionPolicies: Kind = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  namespaced: false,
};
export const AdmissionPolicyBindings: Kind = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  namespaced: false,
};
export const AccessReviews: Kind = {
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  namespaced: false,
};
export const CustomResourceDefinitions: Kind = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};
export const GatewayApiGateways: Kind = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  plural: 'gateways',
  namespaced: true,
};

const rbac = (kind: string, plural: string, namespaced: boolean): Kind => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  plural,
  namespaced,
});

export const ServiceAccounts = core('ServiceAccount', 'serviceaccounts');
export const Roles = rbac('Role', 'roles', true);
export const RoleBindings = rbac('RoleBinding', 'rolebindings', true);
export const ClusterRoles = rbac('ClusterRole', 'clusterroles', false);
export const ClusterRoleBindings = rbac('ClusterRoleBinding', 'clusterrolebindings', false);
export const Autoscalers: Kind = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  namespaced: true,
};
export const NetworkPolicies: Kind = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  namespaced: true,
};
