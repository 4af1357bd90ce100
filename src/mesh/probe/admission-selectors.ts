import type { LabelSelector } from '../../model/kubernetes-object.ts';
import { AdmissionPolicies, AdmissionPolicyBindings, MutatingWebhooks, ValidatingWebhooks } from '../../ports/kinds.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import type {
  AdmissionPolicy,
  AdmissionPolicyBinding,
  MatchResources,
  WebhookConfiguration,
} from '../../ports/objects.ts';

/** Which pods something in the cluster admits or refuses: those that match both selectors. */
export interface AdmissionSelector {
  namespaceSelector: LabelSelector | undefined;
  objectSelector: LabelSelector | undefined;
}

/** Of every webhook and admission policy that is asked about a new pod, each pair of selectors once. */
export async function observeAdmissionSelectors(cluster: Cluster): Promise<readonly AdmissionSelector[]> {
  const hasPolicies = await cluster.serves(AdmissionPolicies);
  const [mutating, validating, policies, bindings] = await Promise.all([
    cluster.list<WebhookConfiguration>(MutatingWebhooks),
    cluster.list<WebhookConfiguration>(ValidatingWebhooks),
    hasPolicies ? cluster.list<AdmissionPolicy>(AdmissionPolicies) : [],
    hasPolicies ? cluster.list<AdmissionPolicyBinding>(AdmissionPolicyBindings) : [],
  ]);
  const matches: readonly MatchResources[] = [
    ...[...mutating, ...validating].flatMap(({ webhooks = [] }) =>
      webhooks.map(({ rules, ...selectors }) => ({ ...selectors, ...(rules && { resourceRules: rules }) })),
    ),
    ...policies.flatMap(({ spec }) => spec?.matchConstraints ?? []),
    ...bindings.flatMap(({ spec }) => spec?.matchResources ?? []),
  ];
  const selectors = matches
    .filter(isAboutPods)
    .map(({ namespaceSelector, objectSelector }) => ({ namespaceSelector, objectSelector }));
  return [...new Map(selectors.map((each) => [JSON.stringify(each), each])).values()];
}

/** A binding without rules takes those of its policy. */
function isAboutPods({ resourceRules }: MatchResources): boolean {
  return (
    resourceRules === undefined ||
    resourceRules.some(({ resources = [] }) => resources.some((name) => name === 'pods' || name.startsWith('*')))
  );
}
