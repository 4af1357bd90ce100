import type { AdmissionWebhook } from '../model/world.ts';

/**
 * Whether the API server goes on without the answer of this webhook, and nothing is missing then: a validator changes no object. Of an
 * injector it is not so: without its answer a pod starts without a proxy.
 */
export const isOnlySkipped = ({ kind, failurePolicy }: Pick<AdmissionWebhook, 'kind' | 'failurePolicy'>): boolean =>
  kind === 'ValidatingWebhookConfiguration' && failurePolicy === 'Ignore';
