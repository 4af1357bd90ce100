import { at } from '../../observation.ts';
import { Admission, type MeshScene } from '../mesh-scene.ts';

const Local = (root: string, plural: string) => `${root}/namespaces/istio-system/${plural}`;
const Rbac = '/apis/rbac.authorization.k8s.io/v1';
const Collections: Readonly<Record<string, string>> = {
  Deployment: Local('/apis/apps/v1', 'deployments'),
  Service: Local('/api/v1', 'services'),
  ConfigMap: Local('/api/v1', 'configmaps'),
  ServiceAccount: Local('/api/v1', 'serviceaccounts'),
  Role: Local(Rbac, 'roles'),
  RoleBinding: Local(Rbac, 'rolebindings'),
  HorizontalPodAutoscaler: Local('/apis/autoscaling/v2', 'horizontalpodautoscalers'),
  ClusterRole: `${Rbac}/clusterroles`,
  ClusterRoleBinding: `${Rbac}/clusterrolebindings`,
  MutatingWebhookConfiguration: `${Admission}/mutatingwebhookconfigurations`,
  ValidatingWebhookConfiguration: `${Admission}/validatingwebhookconfigurations`,
  CustomResourceDefinition: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
};
const Owner = 'install.operator.istio.io/owning-resource-namespace';

/** Every object that istioctl owns, with the labels by which it finds it again. */
export async function inventory(s: MeshScene): Promise<string[]> {
  const lines: string[] = [];
  for (const [kind, path] of Object.entries(Collections)) {
    const { body } = await s.get(`${path}?labelSelector=${encodeURIComponent(Owner)}`);
    for (const item of (at(body, 'items') ?? []) as unknown[]) {
      const labels = (at(item, 'metadata/labels') ?? {}) as Record<string, string>;
      const shown = ['operator.istio.io/component', 'operator.istio.io/version', 'istio.io/rev', 'istio.io/tag'];
      lines.push([kind, at(item, 'metadata/name'), ...shown.map((name) => labels[name] ?? '-')].join(' '));
    }
  }
  return lines.sort();
}
