import { livePods, revisionIn, tagObjects } from '../mesh-facts.ts';
import type { Invariant } from './invariant.ts';

export const allBackAfterRollback: Invariant = {
  id: 'I5',
  title: 'after a rollback every mesh pod and the tag are on the old revision',
  watch: ({ sim, task: { from }, broken }) => ({
    attemptEnded: (_runId, claim) => {
      if (typeof claim === 'string' || claim.end !== 'rolled-back') return;
      const strays = livePods(sim).filter((pod) => revisionIn(pod) !== from.revision);
      const [stray] = strays;
      if (stray !== undefined)
        broken(
          `${strays.length} pods are not on ${from.revision}, such as ${stray.metadata.namespace}/${stray.metadata.name}`,
        );
      const elsewhere = Object.entries(tagObjects(sim)).filter(([, revision]) => revision !== from.revision);
      if (elsewhere.length > 0)
        broken(`the tag's ${elsewhere.map(([kind, revision]) => `${kind} names ${revision}`).join(', ')}`);
    },
  }),
};
