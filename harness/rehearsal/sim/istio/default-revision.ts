import { MutatingWebhooks } from '../../../../src/ports/kinds.ts';
import type { Registry } from '../api-server/registry.ts';
import { RevisionLabel, tagWebhookName } from './names.ts';

/** Whom istioctl asks when no revision is named: the one that the default tag names, otherwise the one called so. */
export function defaultRevision({ store }: Registry): string {
  return store.get(MutatingWebhooks, tagWebhookName('default'))?.metadata.labels?.[RevisionLabel] ?? 'default';
}
