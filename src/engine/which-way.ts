import { pointsTo } from '../mesh/tag-strays.ts';
import type { Problem } from '../model/finding.ts';
import { hasLabelled, type Marks } from '../model/marks.ts';
import type { Plan } from '../model/plan.ts';
import type { Policy } from '../model/policy.ts';
import type { World } from '../model/world.ts';

/** What to do about a problem: `stop` and `hold` write nothing; `back` rolls the upgrade back. */
export type Way = 'stop' | 'hold' | 'back';

/** Which way is safe depends on the phase alone; within it the policy and the kind of problem may only choose to hold. */
export const phases = {
  preparing: {
    safe: 'stop',
    why: 'neither the tag nor a label names the new revision: nothing uses its istiod, which may stay',
  },
  moving: { safe: 'back', why: 'some pods may run the new proxy, and the old istiod still serves the others' },
  removing: { safe: 'hold', why: 'the old istiod is going: what went back to it would be left alone' },
} as const satisfies Record<string, { safe: Way; why: string }>;

export type Phase = keyof typeof phases;

export function phaseOf(world: Pick<World, 'tags'>, marks: Marks, plan: Plan): Phase {
  if (marks.removalBegan !== undefined) return 'removing';
  return hasLabelled(marks) || pointsTo(world.tags, plan.tag, plan.to) ? 'moving' : 'preparing';
}

/**
 * The safe way after a problem. Only harm done by the release may lead back: a rollback would not repair anything else, and
 * would often be refused, or set back, by the same cause.
 */
export function whichWay(
  { meaning: { blames, leadsBack, policy = 'failure' } }: Pick<Problem, 'meaning'>,
  world: Pick<World, 'tags'>,
  marks: Marks,
  plan: Plan,
  on: Policy,
): Way {
  const { safe } = phases[phaseOf(world, marks, plan)];
  if (safe !== 'back') return safe;
  if (leadsBack === true) return 'back';
  return blames === 'release' && on[policy] === 'rollback' ? 'back' : 'hold';
}
