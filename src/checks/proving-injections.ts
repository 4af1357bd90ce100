import { type Injection, notAsked, type World } from '../model/world.ts';
import { causeOf } from '../rollout/refusals.ts';
import { couldBeAsked } from './injections.ts';

/**
 * The dry-run pods that show which sidecar new pods get. One that a policy refuses with the sidecar of either revision shows nothing of
 * it: its workload is set aside when its wave restarts. If there are no others, nothing is shown.
 */
export function provingInjections({
  injections,
  prospects,
}: Pick<World, 'injections' | 'prospects'>): readonly Injection[] {
  const refused = new Set(
    (prospects === notAsked ? [] : prospects)
      .filter((each) => causeOf(each) === 'surroundings')
      .map(({ workload }) => workload),
  );
  const asked = injections.filter(couldBeAsked);
  const others = asked.filter(({ workload }) => !refused.has(workload));
  return others.length > 0 ? others : asked;
}
