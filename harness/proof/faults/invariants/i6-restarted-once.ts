import { isAllBack, revisionOfTagWebhook } from '../mesh-facts.ts';
import type { Invariant } from './invariant.ts';
import { onRestart } from './restarts.ts';

/** By all attempts of one upgrade together. Where another writer changed the tag or the template, one more is a repair. */
export const restartedOnce: Invariant = {
  id: 'I6',
  title: 'a workload is restarted at most once per direction',
  watch: ({ sim, task, writers, conditions, broken }) => {
    const restarts = new Map<string, number>();
    onRestart(writers, ({ id }) => {
      const direction = revisionOfTagWebhook(sim, task.tag) === task.to.revision ? 'forward' : 'back';
      const key = `${id} ${direction}`;
      const count = (restarts.get(key) ?? 0) + 1;
      restarts.set(key, count);
      const repairs = Number(conditions.foreignWrites.has('tag')) + Number(conditions.foreignWrites.has(id));
      if (count > 1 + repairs) broken(`${id} is restarted for the ${count}. time on the way ${direction}`);
    });
    return {
      // Everything is as it was: a run that begins after this starts from the beginning, also when it does not know of it.
      attemptEnded: () => {
        if (isAllBack(sim, task)) restarts.clear();
      },
    };
  },
};
