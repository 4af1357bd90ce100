import { revisionOfService } from '../../../../src/model/revision.ts';
import {
  Deployments,
  EndpointSlices,
  MutatingWebhooks,
  Namespaces,
  Pods,
  Services,
} from '../../../../src/ports/kinds.ts';
import type { Webhook, WebhookConfiguration, WorkloadObject } from '../../../../src/ports/objects.ts';
import { matchesSelector } from '../../../rehearsal/sim/api-server/selectors.ts';
import type { Sim } from '../../../rehearsal/sim/create-sim.ts';
import { plannedNamespaces, workloadKinds } from '../mesh-facts.ts';
import type { Invariant } from './invariant.ts';

/** An istiod that answered so shortly before may have been taken for one that answers. */
const graceMs = 15_000;
/** Another writer that points a webhook at nothing does so in one moment. */
const foreignMs = 100;
const watched = new Set(
  [Deployments, EndpointSlices, MutatingWebhooks, Namespaces, Pods, Services].map(({ plural }) => plural),
);

/**
 * Every webhook that a pod of the mesh would be sent to has an istiod that answers. It is not broken by an istiod that dies by itself,
 * but by a writer that points a webhook at an istiod that does not answer, or removes the istiod behind a webhook.
 */
export const neverBlackedOut: Invariant = {
  id: 'I1',
  title: 'pod creation is never blacked out',
  watch: ({ sim, task, conditions, broken }) => {
    const planned = [...plannedNamespaces(task)];
    const answeredAt = new Map<string, number>();
    const targets = new Map<string, string>();
    const dark = new Set<string>();
    let isDirty = true;
    sim.store.onChange(({ kind, object: { metadata } }) => {
      if (watched.has(kind.plural) && (metadata.namespace === undefined || metadata.namespace === 'istio-system'))
        isDirty = true;
    });
    const look = () => {
      const now = sim.clock.now();
      for (const revision of sim.istiods.revisions()) answeredAt.set(revision, now);
      const seen = new Set<string>();
      for (const { id, webhook } of selecting(sim, planned)) {
        if (seen.has(id)) continue;
        seen.add(id);
        const service = webhook.clientConfig.service?.name ?? '';
        const before = targets.get(id);
        targets.set(id, service);
        const why = whyDark(sim, webhook);
        if (why === undefined) {
          dark.delete(id);
          continue;
        }
        if (dark.has(id)) continue;
        dark.add(id);
        const lastAnswer = answeredAt.get(revisionOfService(service) ?? '') ?? Number.NEGATIVE_INFINITY;
        const isOutage = why === 'no istiod behind it is ready' && (before === service || now - lastAnswer <= graceMs);
        const isForeign = now - (conditions.foreignWrites.get('tag') ?? Number.NEGATIVE_INFINITY) <= foreignMs;
        if (!isOutage && !isForeign) broken(`webhook ${id} calls ${service}: ${why}`);
      }
      for (const id of [...dark]) if (!seen.has(id)) dark.delete(id);
    };
    return {
      afterEvent: () => {
        if (!isDirty) return;
        isDirty = false;
        look();
      },
    };
  },
};

function selecting(sim: Sim, namespaces: readonly string[]): { id: string; webhook: Webhook }[] {
  const templates = namespaces.flatMap((namespace) => {
    const labels = sim.store.get(Namespaces, namespace)?.metadata.labels ?? {};
    return Object.values(workloadKinds)
      .flatMap((kind) => sim.store.list<WorkloadObject>(kind, namespace))
      .map(({ spec }) => ({ namespace: labels, pod: spec.template.metadata?.labels ?? {} }));
  });
  return sim.store
    .list<WebhookConfiguration>(MutatingWebhooks)
    .flatMap(({ metadata, webhooks = [] }) =>
      webhooks
        .filter(({ namespaceSelector, objectSelector }) =>
          templates.some(
            ({ namespace, pod }) =>
              matchesSelector(namespaceSelector, namespace) && matchesSelector(objectSelector, pod),
          ),
        )
        .map((webhook) => ({ id: `${metadata.name}/${webhook.name}`, webhook })),
    );
}

function whyDark(sim: Sim, { clientConfig, failurePolicy }: Webhook): string | undefined {
  if (failurePolicy === 'Ignore') return undefined;
  const service = clientConfig.service?.name ?? '';
  if (sim.store.get(Services, service, 'istio-system') === undefined) return 'there is no such Service';
  if (!clientConfig.caBundle) return 'it has no certificate';
  const revision = revisionOfService(service) ?? '';
  const deployment = sim.store.get<WorkloadObject>(Deployments, `istiod-${revision}`, 'istio-system');
  if (deployment === undefined) return 'its istiod is removed';
  if (deployment.spec.replicas === 0) return 'its istiod is scaled to nothing';
  return sim.istiods.running(revision).length === 0 ? 'no istiod behind it is ready' : undefined;
}
