import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import { Deployments, MutatingWebhooks, Services } from '../../../../src/ports/kinds.ts';
import type { Pod } from '../../../../src/ports/objects.ts';
import type { Sim } from '../../../rehearsal/sim/create-sim.ts';
import { revisionIn } from '../mesh-facts.ts';
import type { Invariant } from './invariant.ts';

/** A user younger than this cannot have been seen. */
const unseenMs = 5_000;
const parts = new Set([Deployments, MutatingWebhooks, Services].map(({ plural }) => plural));

/**
 * No part of an istiod goes while something needs it: a pod that has its proxy, also while it starts or is on its way out; a proxy that
 * is no pod of this cluster; configuration that only this istiod reads.
 */
export const neverRemovedInUse: Invariant = {
  id: 'I2',
  title: 'no control plane is removed with a pod, a connection or configuration on it',
  watch: ({ sim, broken }) => {
    sim.store.onChange(({ type, kind, object: { metadata } }) => {
      const revision = metadata.labels?.['istio.io/rev'];
      if (type !== 'DELETED' || revision === undefined || !parts.has(kind.plural)) return;
      if (metadata.labels?.['istio.io/tag'] !== undefined || metadata.labels?.['app'] === undefined) return;
      const users = usersOf(sim, revision);
      if (users.length > 0)
        broken(`${kind.kind} ${metadata.name} is deleted while ${users.length} use it, such as ${users[0]}`);
    });
    return {};
  },
};

function usersOf(sim: Sim, revision: string): readonly string[] {
  const isSeen = ({ metadata }: KubernetesObject) =>
    sim.clock.now() - Date.parse(metadata.creationTimestamp ?? '') >= unseenMs;
  const all = sim.pods();
  const pods = all.filter((pod) => revisionIn(pod) === revision && !isOver(pod)).filter(isSeen);
  const ids = new Set(all.map(({ metadata }) => `${metadata.name}.${metadata.namespace}`));
  const outside = sim.istiods.proxiesOf(revision).filter(({ id }) => !ids.has(id));
  const configuration = sim.store
    .kinds()
    .filter(({ apiVersion }) => /^[a-z.]+\.istio\.io\//.test(apiVersion))
    .flatMap((kind) => sim.store.list<KubernetesObject>(kind))
    .filter(({ metadata }) => metadata.labels?.['istio.io/rev'] === revision)
    .filter(isSeen);
  return [
    ...pods.map(({ metadata }) => `pod ${metadata.namespace}/${metadata.name}`),
    ...outside.map(({ id }) => `proxy ${id}`),
    ...configuration.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`),
  ];
}

const isOver = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';
