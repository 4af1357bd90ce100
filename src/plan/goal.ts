import type { Plan } from '../model/plan.ts';
import { findStep, lastStep, procedure, type StepName } from '../model/procedure.ts';
import { isGroupOf } from './groups-of-rest.ts';
import { GoalUnknown } from './plan-errors.ts';

/** How far a run goes: up to a stage, and within `restart-waves` up to a wave. */
export interface Goal {
  step: StepName;
  wave?: string;
}

/**
 * @param text a stage by number or name, or a wave by its name in the config (its last group, when it goes in groups)
 * @throws GOAL_UNKNOWN
 */
export function goalOf(text: string | undefined, plan: Plan): Goal {
  if (text === undefined) return { step: lastStep };
  const step = findStep(text);
  if (step !== undefined) return { step };
  const index = plan.waves.findLastIndex(({ name }) => isGroupOf(name, text));
  const wave = plan.waves[index];
  if (wave === undefined)
    throw GoalUnknown.of(text, [...procedure.map(({ name }) => name), ...plan.waves.map(({ name }) => name)]);
  return index === 0 ? { step: 'judge-canary' } : { step: 'restart-waves', wave: wave.name };
}

/** The plan as far as the goal: `restart-waves` ends with the goal's wave. */
export function planUpTo(plan: Plan, { wave }: Goal): Plan {
  const index = plan.waves.findIndex(({ name }) => name === wave);
  return index < 0 ? plan : { ...plan, waves: plan.waves.slice(0, index + 1) };
}
