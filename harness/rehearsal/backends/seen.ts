import { revisionOfPod } from '../../../src/mesh/observe/pod-facts.ts';
import { revisionOfService } from '../../../src/model/revision.ts';
import type { Pod, Service, WebhookConfiguration } from '../../../src/ports/objects.ts';
import type { SeenPod } from '../model/backend.ts';

/** A pod as a rehearsal judges it. */
export function seenPod(pod: Pod): SeenPod {
  const proxy = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find(({ name }) => name === 'istio-proxy');
  return {
    namespace: pod.metadata.namespace ?? '',
    name: pod.metadata.name,
    revision: pod.metadata.labels?.['app'] === 'istiod' ? 'none' : revisionOfPod(pod),
    proxyImage: proxy?.image ?? '',
    ready: pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true,
  };
}

/** What each object of the default tag points at. */
export function tagOf(
  mutating: WebhookConfiguration[],
  validating: WebhookConfiguration[],
  services: Service[],
): Record<string, string> {
  const called = (objects: WebhookConfiguration[], name: string) => {
    const webhooks = objects.find(({ metadata }) => metadata.name === name)?.webhooks ?? [];
    return [
      ...new Set(webhooks.map(({ clientConfig }) => revisionOfService(clientConfig.service?.name ?? '') ?? '?')),
    ].join('+');
  };
  return {
    webhook: called(mutating, 'istio-revision-tag-default'),
    Service:
      services.find(({ metadata }) => metadata.name === 'istiod-revision-tag-default')?.spec?.selector?.[
        'istio.io/rev'
      ] ?? '',
    validator: called(validating, 'istiod-default-validator'),
  };
}
