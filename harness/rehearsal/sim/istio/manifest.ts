import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import type { Kind } from '../../../../src/ports/kubernetes.ts';
import { ComponentLabel, NotPrunedLabel, OwnerLabel, RevisionLabel } from './names.ts';

/** One object of a manifest, with the kind it is served under. */
export interface Manifested {
  kind: Kind;
  object: KubernetesObject;
}

/** What every chart object carries. */
export const ChartLabels = {
  'app.kubernetes.io/instance': 'istio',
  'app.kubernetes.io/managed-by': 'Helm',
  'app.kubernetes.io/name': 'istiod',
  'app.kubernetes.io/part-of': 'istio',
  'app.kubernetes.io/version': '1.0.0',
  'helm.sh/chart': 'istiod-1.0.0',
  release: 'istio',
};

export type Component = 'Pilot' | 'IngressGateways' | 'Base';

/** What `istioctl install` adds to what it owns. */
export function operatorLabels(component: Component, version: string): Record<string, string> {
  return {
    'install.operator.istio.io/owning-resource': 'unknown',
    [OwnerLabel]: 'istio-system',
    [ComponentLabel]: component,
    'operator.istio.io/managed': 'Reconcile',
    'operator.istio.io/version': version,
  };
}

/** Removed by an uninstall of the revision, and by a later install that does not contain it any more. */
export function isOwnedBy(revision: string, labels: Readonly<Record<string, string>>): boolean {
  return (
    labels[RevisionLabel] === revision &&
    labels[OwnerLabel] !== undefined &&
    ['Pilot', 'IngressGateways', 'EgressGateways', 'Cni', 'Ztunnel'].includes(labels[ComponentLabel] ?? '')
  );
}

export function isNeverPruned(labels: Readonly<Record<string, string>>): boolean {
  return labels[NotPrunedLabel] === 'true';
}
