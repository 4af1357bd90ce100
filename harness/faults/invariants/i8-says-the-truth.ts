import { controlPlanes, podsByRevision, podsWithoutProxy, tagObjects } from '../mesh-facts.ts';
import type { Invariant } from './invariant.ts';

/** What a hand writes in the last moment nobody can have seen. */
const unseenMs = 10_000;

export const saysTheTruth: Invariant = {
  id: 'I8',
  title: 'what it says of its end is true',
  watch: ({ sim, task, weather, broken }) => ({
    attemptEnded: (_runId, claim) => {
      if (typeof claim === 'string' || claim.end === 'unfinished') return;
      if ([...weather.foreignWrites.values()].some((at) => sim.clock.now() - at < unseenMs)) return;
      const pods = podsByRevision(sim);
      const tag = tagObjects(sim);
      const said = `${claim.words} is said`;
      const goal = claim.end === 'completed' ? task.to.revision : task.from.revision;
      const strays = Object.entries(pods).filter(([revision]) => revision !== goal);
      if (strays.length > 0) broken(`${said}, but there are pods by revision ${JSON.stringify(pods)}`);
      const [bare] = podsWithoutProxy(sim, task);
      if (bare !== undefined) broken(`${said}, but pod ${bare.metadata.namespace}/${bare.metadata.name} has no proxy`);
      const elsewhere = Object.entries(tag).filter(([, revision]) => revision !== goal);
      if (elsewhere.length > 0) broken(`${said}, but the tag's objects name ${JSON.stringify(tag)}`);
      if (claim.end === 'completed' && controlPlanes(sim).includes(task.from.revision))
        broken(`${said}, but istiod ${task.from.revision} is there`);
      if (claim.tag !== undefined && claim.tag !== tag['webhook'])
        broken(`it says that the tag names ${claim.tag}, but it names ${tag['webhook']}`);
      if (claim.pods !== undefined && !sameCounts(claim.pods, pods))
        broken(`it says that pods run ${JSON.stringify(claim.pods)}, but they run ${JSON.stringify(pods)}`);
    },
  }),
};

function sameCounts(said: Readonly<Record<string, number>>, is: Readonly<Record<string, number>>): boolean {
  const meshPods = ([revision, count]: [string, number]) => revision !== 'none' && count > 0;
  const sorted = (counts: Readonly<Record<string, number>>) =>
    JSON.stringify(Object.entries(counts).filter(meshPods).sort());
  return sorted(said) === sorted(is);
}
