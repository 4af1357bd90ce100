import { livePods, revisionIn } from '../mesh-facts.ts';
import type { Invariant } from './invariant.ts';

/** What has changed in the last moment cannot have been seen. */
const unseenMs = 10_000;

export const leftBehindIsNamed: Invariant = {
  id: 'I12',
  title: 'after a rollback whatever still runs the new proxy is named',
  watch: ({ sim, task: { to }, conditions, broken }) => ({
    attemptEnded: (_runId, claim) => {
      if (typeof claim === 'string' || claim.names === undefined) return;
      if ([...conditions.foreignWrites.values()].some((at) => sim.clock.now() - at < unseenMs)) return;
      const { names } = claim;
      const isNamed = ({ metadata: { namespace, name } }: { metadata: { namespace?: string; name: string } }) =>
        names.some((text) => text.includes(`${namespace}/${name}`)) ||
        // The pods of a workload are named by it.
        names.some((text) =>
          [...text.matchAll(/\w+ (\S+\/[^\s:,]+)/g)].some(([, id = '']) => `${namespace}/${name}`.startsWith(`${id}-`)),
        );
      const [silent] = livePods(sim)
        .filter(
          (pod) =>
            revisionIn(pod) === to.revision &&
            Date.parse(pod.metadata.creationTimestamp ?? '') < sim.clock.now() - unseenMs,
        )
        .filter((pod) => !isNamed(pod));
      if (silent !== undefined)
        broken(
          `${claim.words} is said, and pod ${silent.metadata.namespace}/${silent.metadata.name}, which runs ${to.revision}, is not named`,
        );
    },
  }),
};
