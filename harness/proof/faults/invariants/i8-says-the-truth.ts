import { revisionOfPod } from '../../../../src/mesh/observe/pod-facts.ts';
import { Pods } from '../../../../src/ports/kinds.ts';
import { controlPlanes, podsByRevision, podsWithoutProxy, tagObjects } from '../mesh-facts.ts';
import type { Invariant } from './invariant.ts';

/** A foreign write in the last moment cannot have been seen. */
const unseenMs = 10_000;
/** The news of a pod that ends arrives behind that of its workload. */
const onItsWayMs = 1_000;

export const saysTheTruth: Invariant = {
  id: 'I8',
  title: 'what it says of its end is true',
  watch: ({ sim, task, conditions, broken }) => {
    const endings: { revision: string; at: number }[] = [];
    sim.store.onChange(({ kind, object, previous }) => {
      if (kind.plural !== Pods.plural || object.metadata.deletionTimestamp === undefined) return;
      if (previous?.metadata.deletionTimestamp === undefined)
        endings.push({ revision: revisionOfPod(object), at: sim.clock.now() });
    });
    return {
      attemptEnded: (_runId, claim) => {
        if (typeof claim === 'string' || claim.end === 'unfinished') return;
        if ([...conditions.foreignWrites.values()].some((at) => sim.clock.now() - at < unseenMs)) return;
        const pods = podsByRevision(sim);
        const tag = tagObjects(sim);
        const said = `${claim.words} is said`;
        const goal = claim.end === 'completed' ? task.to.revision : task.from.revision;
        const strays = Object.entries(pods).filter(([revision]) => revision !== goal);
        if (strays.length > 0) broken(`${said}, but there are pods by revision ${JSON.stringify(pods)}`);
        const [bare] = podsWithoutProxy(sim, task);
        if (bare !== undefined)
          broken(`${said}, but pod ${bare.metadata.namespace}/${bare.metadata.name} has no proxy`);
        const elsewhere = Object.entries(tag).filter(([, revision]) => revision !== goal);
        if (elsewhere.length > 0) broken(`${said}, but the tag's objects name ${JSON.stringify(tag)}`);
        if (claim.end === 'completed' && controlPlanes(sim).includes(task.from.revision))
          broken(`${said}, but istiod ${task.from.revision} is there`);
        if (claim.tag !== undefined && claim.tag !== tag['webhook'])
          broken(`it says that the tag names ${claim.tag}, but it names ${tag['webhook']}`);
        const late = endings.filter(({ at }) => sim.clock.now() - at < onItsWayMs).map(({ revision }) => revision);
        if (claim.pods !== undefined && !wasTrue(claim.pods, pods, late))
          broken(`it says that pods run ${JSON.stringify(claim.pods)}, but they run ${JSON.stringify(pods)}`);
      },
    };
  },
};

/** Whether these are the counts now, or were a moment ago, before the last pods ended. */
function wasTrue(
  said: Readonly<Record<string, number>>,
  is: Readonly<Record<string, number>>,
  late: readonly string[],
): boolean {
  const revisions = [...new Set([...Object.keys(said), ...Object.keys(is)])].filter((revision) => revision !== 'none');
  return revisions.every((revision) => {
    const [claimed, now] = [said[revision] ?? 0, is[revision] ?? 0];
    return claimed >= now && claimed <= now + late.filter((each) => each === revision).length;
  });
}
