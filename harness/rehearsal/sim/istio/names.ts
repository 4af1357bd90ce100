export const IstioNamespace = 'istio-system';

/** The suffix of a revision's objects; the installation without revision is called `default` and has none. */
export function suffixOf(revision: string): string {
  return revision === 'default' ? '' : `-${revision}`;
}

export const istiodName = (revision: string) => `istiod${suffixOf(revision)}`;
export const injectorName = (revision: string) => `istio-sidecar-injector${suffixOf(revision)}`;
export const validatorName = (revision: string) => `istio-validator${suffixOf(revision)}-${IstioNamespace}`;
export const tagWebhookName = (tag: string) => `istio-revision-tag-${tag}`;
export const tagServiceName = (tag: string) => `istiod-revision-tag-${tag}`;
export const DefaultValidatorName = 'istiod-default-validator';

export const RevisionLabel = 'istio.io/rev';
export const TagLabel = 'istio.io/tag';
export const OwnerLabel = 'install.operator.istio.io/owning-resource-namespace';
export const NotPrunedLabel = 'install.operator.istio.io/owning-resource-not-pruned';
export const ComponentLabel = 'operator.istio.io/component';
