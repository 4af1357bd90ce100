import type { WorkloadObject } from '../../../../src/ports/objects.ts';
import { definitionOf, isWorkloadKind } from '../../../../src/workloads/workloads.ts';
import { revisionOfTagWebhook } from '../mesh-facts.ts';
import type { Invariant } from './invariant.ts';
import { onRestart } from './restarts.ts';

/**
 * A rollout counts from the restart to the moment at which every pod of it was replaced and ready once; what happens to it
 * later is not the contender's fault. Each direction counts by itself: a rollback restarts what the upgrade left unfinished.
 */
export const neverAboveTheCap: Invariant = {
  id: 'I3',
  title: 'never more rollouts at one time than the cap',
  watch: ({ sim, task, writers, broken }) => {
    const underWay = new Set<string>();
    let direction: string | undefined;
    onRestart(writers, ({ id }) => {
      const now = revisionOfTagWebhook(sim, task.tag);
      if (now !== direction) underWay.clear();
      direction = now;
      underWay.add(id);
      if (underWay.size > task.workloadsAtOnce)
        broken(
          `${underWay.size} rollouts at one time, ${task.workloadsAtOnce} are allowed: ${[...underWay].join(', ')}`,
        );
    });
    sim.store.onChange(({ kind, object, type }) => {
      if (underWay.size === 0 || !isWorkloadKind(kind.kind)) return;
      const id = `${kind.kind} ${object.metadata.namespace}/${object.metadata.name}`;
      if (!underWay.has(id)) return;
      if (type === 'DELETED' || definitionOf(kind.kind).rolloutOf(object as WorkloadObject).complete)
        underWay.delete(id);
    });
    return {};
  },
};
