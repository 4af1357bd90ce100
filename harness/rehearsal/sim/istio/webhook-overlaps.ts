import type { LabelSelector } from '../../../../src/model/kubernetes-object.ts';
import type { Webhook, WebhookConfiguration } from '../../../../src/ports/objects.ts';
import { matchesSelector } from '../api-server/selectors.ts';
import { RevisionLabel } from './names.ts';

type Labels = Record<string, string>;

const Injections: readonly Labels[] = [{}, { 'istio-injection': 'enabled' }, { 'istio-injection': 'disabled' }];
const Wishes: readonly Labels[] = [{}, { 'sidecar.istio.io/inject': 'true' }, { 'sidecar.istio.io/inject': 'false' }];

/**
 * What istioctl's analyzer finds about one configuration: for every pod it can think of, the others that would inject it too,
 * as `configuration/webhook`. Each set of others once.
 */
export function webhookOverlaps(own: WebhookConfiguration, others: readonly WebhookConfiguration[]): string[][] {
  const all = [own, ...others];
  const revisions = [...new Set(all.flatMap(revisionsIn))];
  const withRevisions = (base: readonly Labels[]) => [
    ...base,
    ...revisions.flatMap((revision) => base.map((labels) => ({ ...labels, [RevisionLabel]: revision }))),
  ];
  const found = new Map<string, string[]>();
  for (const namespace of withRevisions(Injections)) {
    for (const object of withRevisions(Wishes)) {
      const matching = all.flatMap(({ metadata, webhooks = [] }) =>
        webhooks
          .filter((webhook) => selects(webhook, namespace, object))
          .map(({ name }) => ({ isOwn: metadata.name === own.metadata.name, name: `${metadata.name}/${name}` })),
      );
      for (const { isOwn, name } of matching) {
        const rest = matching.filter((other) => other.name !== name).map((other) => other.name);
        if (isOwn && rest.length > 0) found.set(rest.sort().join(' '), rest);
      }
    }
  }
  return [...found.values()];
}

/** A line for each of them, as istioctl prints them. */
export function overlapLines(own: WebhookConfiguration, others: readonly WebhookConfiguration[], place = ''): string {
  return webhookOverlaps(own, others)
    .map((names) => invalidWebhook(own, overlapProblem(names), place))
    .sort()
    .join('');
}

export const overlapProblem = (names: readonly string[]): string =>
  `Webhook overlaps with others: [${names.join(' ')}]. This may cause injection to occur twice.`;

export const missingServiceProblem = (namespace: string, name: string): string =>
  `Injector refers to a control plane service that does not exist: ${namespace}/${name}.`;

/** @param place of the text it stands in, if in any */
export const invalidWebhook = ({ metadata }: WebhookConfiguration, problem: string, place = ''): string =>
  `Error [IST0139] (MutatingWebhookConfiguration ${metadata.name} ${place}) ${problem}\n`;

function selects({ namespaceSelector, objectSelector }: Webhook, namespace: Labels, object: Labels): boolean {
  return matchesSelector(namespaceSelector, namespace) && matchesSelector(objectSelector, object);
}

/** Every revision that a configuration is about. */
function revisionsIn({ metadata, webhooks = [] }: WebhookConfiguration): string[] {
  const label = metadata.labels?.[RevisionLabel];
  const selectors = webhooks.flatMap(({ namespaceSelector, objectSelector }) => [namespaceSelector, objectSelector]);
  return [...(label === undefined ? [] : [label]), ...selectors.flatMap(revisionsOf)];
}

function revisionsOf(selector: LabelSelector | undefined): string[] {
  const exact = selector?.matchLabels?.[RevisionLabel];
  const mentioned = (selector?.matchExpressions ?? []).filter(({ key }) => key === RevisionLabel);
  return [...(exact === undefined ? [] : [exact]), ...mentioned.flatMap(({ values = [] }) => values)];
}
