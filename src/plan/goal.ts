import type { Plan } from '../model/plan.ts';
import type { StageNumber } from '../model/procedure.ts';
import type { Stage } from '../model/stage.ts';
import { GoalUnknown } from './plan-errors.ts';

/** How far a run goes: up to a stage, and within stage 7 up to a wave. */
export interface Goal {
  stage: StageNumber;
  wave?: string;
}

/**
 * @param text a stage by number or name, or a wave by its name in the config (its last group, when it goes in groups)
 * @throws GOAL_UNKNOWN
 */
export function goalOf(text: string | undefined, plan: Plan, stages: readonly Stage[]): Goal {
  if (text === undefined) return { stage: 8 };
  const stage = stages.find(({ name, number }) => name === text || String(number) === text);
  if (stage !== undefined) return { stage: stage.number };
  const index = plan.waves.findLastIndex(
    ({ name }) => name === text || (name.startsWith(`${text}-`) && /^\d+$/.test(name.slice(text.length + 1))),
  );
  const wave = plan.waves[index];
  if (wave === undefined)
    throw GoalUnknown.of(text, [...stages.map(({ name }) => name), ...plan.waves.map(({ name }) => name)]);
  return index === 0 ? { stage: 6 } : { stage: 7, wave: wave.name };
}

/** The plan as far as the goal: stage 7 ends with the goal's wave. */
export function planUpTo(plan: Plan, { wave }: Goal): Plan {
  const index = plan.waves.findIndex(({ name }) => name === wave);
  return index < 0 ? plan : { ...plan, waves: plan.waves.slice(0, index + 1) };
}
