import { at } from '../observation.ts';

/** One entry of a map: its key may have slashes. */
export const entryOf = (object: unknown, path: string, key: string): string | undefined =>
  (at(object, path) as Named)?.[key];

type Named = Readonly<Record<string, string>> | undefined;

const label = (object: unknown, name: string): string => entryOf(object, 'metadata/labels', name) ?? '-';
const nameOf = (object: unknown) => String(at(object, 'metadata/name'));
const shortName = (webhook: unknown) => String(at(webhook, 'name')).replace('.sidecar-injector.istio.io', '');

/** A webhook configuration as one line. */
export function mutatingLine(object: unknown): string {
  const webhooks = (at(object, 'webhooks') ?? []) as unknown[];
  const service = at(webhooks[0], 'clientConfig/service/name');
  const certificates = new Set(webhooks.map((webhook) => (at(webhook, 'clientConfig/caBundle') ? 'yes' : 'no')));
  const neutral = JSON.stringify(webhooks).includes('never-match') ? ' deactivated' : '';
  return `MWC ${nameOf(object)} rev=${label(object, 'istio.io/rev')} tag=${label(object, 'istio.io/tag')} -> ${service} webhooks=${webhooks.map(shortName).join()} ca=${[...certificates].join()}${neutral}`;
}

export function validatingLine(object: unknown): string {
  const webhooks = (at(object, 'webhooks') ?? []) as unknown[];
  const [first] = webhooks;
  return `VWC ${nameOf(object)} rev=${label(object, 'istio.io/rev')} -> ${at(first, 'clientConfig/service/name')} fail=${at(first, 'failurePolicy')} ca=${at(first, 'clientConfig/caBundle') ? 'yes' : 'no'}`;
}

export function serviceLine(object: unknown): string {
  const selector = at(object, 'spec/selector') as Named;
  return `SVC ${nameOf(object)} rev=${label(object, 'istio.io/rev')} tag=${label(object, 'istio.io/tag')} selects=${selector?.['istio.io/rev'] ?? JSON.stringify(selector)}`;
}

export function deploymentLine(object: unknown): string {
  const images = ((at(object, 'spec/template/spec/containers') ?? []) as unknown[]).map((one) => at(one, 'image'));
  return `DEP ${nameOf(object)} rev=${label(object, 'istio.io/rev')} ${images.join()} ready=${at(object, 'status/readyReplicas') ?? 0}`;
}

/** Of a webhook configuration or a tag's Service all that istioctl decides: labels, writers, and what it does. */
export function detailsOf(object: unknown): object {
  const managers = ((at(object, 'metadata/managedFields') ?? []) as unknown[])
    .map((entry) => `${at(entry, 'manager')}/${at(entry, 'operation')}`)
    .sort();
  const webhooks = at(object, 'webhooks') as Record<string, unknown>[] | undefined;
  return {
    labels: at(object, 'metadata/labels'),
    managers: [...new Set(managers)],
    ...(webhooks ? { webhooks: webhooks.map(withoutCertificate) } : {}),
    ...(at(object, 'spec/ports') ? { ports: at(object, 'spec/ports'), selector: at(object, 'spec/selector') } : {}),
  };
}

function withoutCertificate(webhook: Record<string, unknown>): object {
  const clientConfig = webhook['clientConfig'] as Record<string, unknown>;
  return {
    ...webhook,
    clientConfig: { ...clientConfig, caBundle: clientConfig['caBundle'] ? '<certificate>' : undefined },
  };
}
