import type { ManifestObject } from '../model/manifest-object.ts';
import { type Revision, revisionSuffix } from '../model/revision.ts';

/** What an uninstall must remove at the least for the revision to be gone. */
export function expectedRemoval(revision: Revision, istioNamespace: string): readonly ManifestObject[] {
  const suffix = revisionSuffix(revision);
  return [
    { kind: 'Deployment', name: `istiod${suffix}`, namespace: istioNamespace },
    { kind: 'Service', name: `istiod${suffix}`, namespace: istioNamespace },
    { kind: 'MutatingWebhookConfiguration', name: `istio-sidecar-injector${suffix}` },
  ];
}

/** Whether an object is one of a revision's own istiod, by kind and name as every chart since 1.24 makes them. */
export function isExpected(
  { kind, name, namespace }: ManifestObject,
  revision: Revision,
  istioNamespace: string,
): boolean {
  const suffix = revisionSuffix(revision);
  if (namespace !== undefined && namespace !== istioNamespace) return false;
  return (namesOf(suffix, istioNamespace)[kind] ?? []).includes(name);
}

function namesOf(suffix: string, istioNamespace: string): Record<string, readonly string[]> {
  const istiod = `istiod${suffix}`;
  const cluster = [
    `istio-reader-clusterrole${suffix}-${istioNamespace}`,
    `istiod-clusterrole${suffix}-${istioNamespace}`,
    `istiod-gateway-controller${suffix}-${istioNamespace}`,
  ];
  return {
    Deployment: [istiod],
    Service: [istiod],
    ServiceAccount: [istiod],
    Role: [istiod],
    RoleBinding: [istiod],
    HorizontalPodAutoscaler: [istiod],
    PodDisruptionBudget: [istiod],
    ConfigMap: [`istio${suffix}`, `istio-sidecar-injector${suffix}`, `values${suffix}`],
    MutatingWebhookConfiguration: [
      `istio-sidecar-injector${suffix}`,
      `istio-sidecar-injector${suffix}-${istioNamespace}`,
    ],
    ValidatingWebhookConfiguration: [`istio-validator${suffix}-${istioNamespace}`],
    ClusterRole: cluster,
    ClusterRoleBinding: cluster,
    NetworkPolicy: [istiod],
  };
}
