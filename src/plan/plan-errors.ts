import { defineError } from '../model/upgrade-error.ts';

export const GoalUnknown = defineError({
  code: 'GOAL_UNKNOWN',
  title: '--through names no stage and no wave.',
  cause: 'The goal is misspelt, or the plan has no wave of that name.',
  message: (goal: string, known: readonly string[]) =>
    `"${goal}" is neither a stage nor a wave; there are ${known.join(', ')}.`,
  hint: 'Give a stage by number or name, or a wave by name.',
  actor: 'workflow author',
  state: 'We touched nothing.',
  exit: 'usage',
  blames: 'person',
});
