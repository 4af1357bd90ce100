import { defineError } from '../model/upgrade-error.ts';

export const GoalUnknown = defineError({
  code: 'GOAL_UNKNOWN',
  title: '--through names neither a stage nor a wave.',
  cause: 'The goal is misspelt, or the plan has no wave of that name.',
  message: (goal: string, known: readonly string[]) =>
    `"${goal}" is neither a stage nor a wave; there are ${known.join(', ')}.`,
  hint: 'Give a stage by number or name, or a wave by name.',
  actor: 'workflow author',
  state: 'Nothing was changed.',
  exit: 'usage',
  blames: 'person',
});
