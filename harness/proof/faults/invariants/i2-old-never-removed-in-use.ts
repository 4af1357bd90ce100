import { Deployments, MutatingWebhooks, Services } from '../../../../src/ports/kinds.ts';
import { revisionIn } from '../mesh-facts.ts';
import type { Invariant } from './invariant.ts';

/** A pod younger than this cannot have been seen. */
const unseenMs = 5_000;
const parts = new Set([Deployments, MutatingWebhooks, Services].map(({ plural }) => plural));

/** No part of an istiod goes while a pod has its proxy; a pod on its way out still holds a connection. */
export const neverRemovedInUse: Invariant = {
  id: 'I2',
  title: 'no control plane is removed with a pod or a connection on it',
  watch: ({ sim, broken }) => {
    sim.store.onChange(({ type, kind, object: { metadata } }) => {
      const revision = metadata.labels?.['istio.io/rev'];
      if (type !== 'DELETED' || revision === undefined || !parts.has(kind.plural)) return;
      if (metadata.labels?.['istio.io/tag'] !== undefined || metadata.labels?.['app'] === undefined) return;
      const users = sim
        .pods()
        .filter((pod) => revisionIn(pod) === revision && pod.status?.phase === 'Running')
        .filter((pod) => sim.clock.now() - Date.parse(pod.metadata.creationTimestamp ?? '') >= unseenMs);
      if (users.length > 0)
        broken(
          `${kind.kind} ${metadata.name} is deleted while ${users.length} pods use it, such as ${users[0]?.metadata.namespace}/${users[0]?.metadata.name}`,
        );
    });
    return {};
  },
};
