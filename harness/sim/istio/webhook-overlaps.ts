import type { Webhook, WebhookConfiguration } from '../../../src/kubernetes/objects.ts';
import { matchesSelector } from '../api-server/selectors.ts';

type Labels = Record<string, string>;

/** For each webhook of one configuration that another one overlaps: the others, as `configuration/webhook`. */
export function webhookOverlaps(own: WebhookConfiguration, others: readonly WebhookConfiguration[]): string[][] {
  const cases = labelCases([own, ...others]);
  return (own.webhooks ?? []).flatMap((webhook) => {
    const overlapping = others.flatMap(({ metadata, webhooks = [] }) =>
      webhooks
        .filter((other) => cases.some((sample) => selects(webhook, sample) && selects(other, sample)))
        .map(({ name }) => `${metadata.name}/${name}`),
    );
    return overlapping.length > 0 ? [overlapping] : [];
  });
}

interface LabelCase {
  namespace: Labels;
  object: Labels;
}

function selects({ namespaceSelector, objectSelector }: Webhook, { namespace, object }: LabelCase): boolean {
  return matchesSelector(namespaceSelector, namespace) && matchesSelector(objectSelector, object);
}

/** Every combination of the values that any selector mentions, and of none. */
function labelCases(configurations: readonly WebhookConfiguration[]): LabelCase[] {
  const webhooks = configurations.flatMap(({ webhooks = [] }) => webhooks);
  const namespaces = combinations(webhooks.map(({ namespaceSelector }) => namespaceSelector));
  const objects = combinations(webhooks.map(({ objectSelector }) => objectSelector));
  return namespaces.flatMap((namespace) => objects.map((object) => ({ namespace, object })));
}

/** A neutralised webhook asks for this label so that nothing has it. */
const NeverMatches = 'istio.io/deactivated';

function combinations(selectors: readonly Webhook['namespaceSelector'][]): Labels[] {
  const values = new Map<string, Set<string>>();
  for (const selector of selectors) {
    for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) add(values, key, value);
    for (const { key, values: mentioned = [] } of selector?.matchExpressions ?? []) {
      add(values, key);
      for (const value of mentioned) add(values, key, value);
    }
  }
  return [...values].reduce<Labels[]>(
    (cases, [key, known]) =>
      cases.flatMap((labels) => [labels, ...[...known].map((value) => ({ ...labels, [key]: value }))]),
    [{}],
  );
}

function add(values: Map<string, Set<string>>, key: string, value?: string): void {
  if (key === NeverMatches) return;
  const known = values.get(key) ?? new Set();
  if (value !== undefined) known.add(value);
  values.set(key, known);
}
