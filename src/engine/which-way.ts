import type { Config } from '../config/config.ts';
import type { Marks } from '../mesh/marks.ts';
import type { World } from '../mesh/world.ts';
import type { Plan } from '../plan/plan.ts';

/** What to do about a problem: `stop` and `hold` write nothing; `back` takes the upgrade back. */
export type Way = 'stop' | 'hold' | 'back';

/** Problems that going back would not mend, or would fight over: somebody else writes the tag, or the old revision is wanted by someone. */
const neverBack = new Set([
  'TAG_NOT_AT_TARGET',
  'OLD_REVISION_IN_USE',
  'UNINSTALL_TAKES_MORE',
  'UNINSTALL_TAKES_LESS',
  'NOT_INSTALLED_BY_ISTIOCTL',
  'JOURNAL_CONFLICT',
  // A write that was refused, or a tool that died, says nothing about the mesh: it is as good as before.
  'EFFECT_FAILED',
  // Whoever undoes our writes would undo those of the way back too.
  'EFFECT_WITHOUT_RESULT',
  'EFFECT_UNDONE',
  'NAMESPACE_LEFT_TAG',
]);

/**
 * Which way is safe depends on the phase. Before the tag moves: stop, since nothing uses the new istiod. From then until
 * stage 8's first effect: back, if the policy says so. After it never back: the old istiod is going.
 */
export function whichWay(
  code: string,
  world: Pick<World, 'tags'>,
  marks: Marks,
  plan: Plan,
  policy: Config['on'],
): Way {
  if (marks.removalBegan !== undefined) return 'hold';
  if (!tagHasMoved(world, plan)) return 'stop';
  if (neverBack.has(code)) return 'hold';
  const reaction = code === 'GATE_INCONCLUSIVE' ? policy.inconclusive : policy.failure;
  return reaction === 'rollback' ? 'back' : 'hold';
}

/** Any one of its objects is enough: pods born now may already be the new revision's. */
export function tagHasMoved({ tags }: Pick<World, 'tags'>, { tag, to }: Plan): boolean {
  return (tags.get(tag) ?? []).some(({ revision }) => revision?.split('+').includes(to) === true);
}
