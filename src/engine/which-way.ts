import type { Config } from '../config/config.ts';
import type { Marks } from '../model/marks.ts';
import type { Plan } from '../model/plan.ts';
import type { World } from '../model/world.ts';

/** What to do about a problem: `stop` and `hold` write nothing; `back` takes the upgrade back. */
export type Way = 'stop' | 'hold' | 'back';

/** Which way is safe depends on the phase alone; within it the policy and the kind of problem may only choose to hold. */
export const phases = {
  preparing: { safe: 'stop', why: 'the tag has not moved: nothing uses the new istiod, which may stay' },
  moving: { safe: 'back', why: 'some pods may run the new proxy, and the old istiod still serves the others' },
  removing: { safe: 'hold', why: 'the old istiod is going: what went back to it would be left alone' },
} as const satisfies Record<string, { safe: Way; why: string }>;

export type Phase = keyof typeof phases;

export function phaseOf(world: Pick<World, 'tags'>, marks: Marks, plan: Plan): Phase {
  if (marks.removalBegan !== undefined) return 'removing';
  return tagHasMoved(world, plan) ? 'moving' : 'preparing';
}

/** Problems that going back would not mend, or would fight over. */
export const neverBack: Readonly<Record<string, string>> = {
  TAG_NOT_AT_TARGET: 'somebody else writes the tag, and would write over ours',
  OLD_REVISION_IN_USE: 'it is wanted by someone, and everything else is done',
  INJECTION_UNPROVEN: 'something refuses pods for a reason of its own; everything but the removal is done',
  UNINSTALL_TAKES_MORE: 'everything but the removal is done',
  UNINSTALL_TAKES_LESS: 'everything but the removal is done',
  NOT_INSTALLED_BY_ISTIOCTL: 'everything but the removal is done',
  JOURNAL_CONFLICT: 'somebody else decides now',
  EFFECT_FAILED: 'a write that was refused, or a tool that died, says nothing about the mesh: it is as good as before',
  EFFECT_WITHOUT_RESULT: 'whoever undoes our writes would undo those of the way back too',
  EFFECT_UNDONE: 'whoever undoes our writes would undo those of the way back too',
  PODS_REFUSED: 'whoever refuses the new pods would refuse those of the way back too; the old ones serve on',
  POD_DOES_NOT_END: 'the way back would wait for the same pod',
  NAMESPACE_LEFT_TAG: 'the namespace no longer follows the tag, wherever that points',
};

/** The safe way after a problem with this code. */
export function whichWay(
  code: string,
  world: Pick<World, 'tags'>,
  marks: Marks,
  plan: Plan,
  policy: Config['on'],
): Way {
  const { safe } = phases[phaseOf(world, marks, plan)];
  if (safe !== 'back') return safe;
  if (neverBack[code] !== undefined) return 'hold';
  const reaction = code === 'GATE_INCONCLUSIVE' ? policy.inconclusive : policy.failure;
  return reaction === 'rollback' ? 'back' : 'hold';
}

/** Any one of its objects is enough: pods born now may already be the new revision's. */
function tagHasMoved({ tags }: Pick<World, 'tags'>, { tag, to }: Plan): boolean {
  return (tags.get(tag) ?? []).some(({ revision }) => revision?.split('+').includes(to) === true);
}
