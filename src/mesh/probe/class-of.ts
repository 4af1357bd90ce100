import type { Workload, World } from '../../model/world.ts';
import { selects } from '../label-selector.ts';
import type { AdmissionSelector } from './admission-selectors.ts';

type Labels = Readonly<Record<string, string>>;

/** Labels of a namespace whose values decide what becomes of its pods: injection, and the checks of PodSecurity. */
const decidingLabels = [
  'istio-injection',
  'istio.io/rev',
  'pod-security.kubernetes.io/enforce',
  'pod-security.kubernetes.io/enforce-version',
] as const;

/**
 * @returns the class of a workload: the pods of all workloads of a class meet the same injector, the same webhooks and policies, and
 * the same checks of PodSecurity
 */
export function classesOf(
  namespaces: World['namespaces'],
  selectors: readonly AdmissionSelector[],
): (workload: Workload) => string {
  const met = new Map<string, readonly AdmissionSelector[]>();
  const metIn = (namespace: string, labels: Labels): readonly AdmissionSelector[] => {
    const before = met.get(namespace);
    if (before !== undefined) return before;
    const found = selectors.filter(({ namespaceSelector }) => selects(namespaceSelector, labels));
    met.set(namespace, found);
    return found;
  };
  return ({ namespace, follows, isGateway, template }) => {
    const labels = namespaces.get(namespace)?.labels ?? {};
    const admission = metIn(namespace, labels).filter(({ objectSelector }) => selects(objectSelector, template.labels));
    return JSON.stringify([
      decidingLabels.map((key) => labels[key]),
      follows?.configurations,
      isGateway,
      admission.map((each) => selectors.indexOf(each)),
    ]);
  };
}
