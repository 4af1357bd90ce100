/** Every output of the Action, always set; action.yml and the README's table are compared with it. */
export const outputs = {
  outcome:
    'What the run came to: completed, reached, nothing-to-do, blocked, held, rolled-back, rollback-held, interrupted, usage, unreachable or internal.',
  stage: 'The name of the stage in which it ended, for example judge-canary; empty when it came to none.',
  wave: 'The wave that was judged last, for example canary; empty when none was.',
  verdict: 'The verdict on that wave: pass, fail, hold or inconclusive; empty when none was given.',
  revision: 'The revision that the tag names at the end, for example 1-31-0; empty when it could not be read.',
  report:
    'The path of the report as JSON; the same as a page for people (.html) lies beside it, and both are uploaded. Empty when there is none.',
  'next-command': 'The one command to type next; empty when there is none.',
} as const;

export type OutputName = keyof typeof outputs;
export type Outputs = Readonly<Record<OutputName, string>>;

export const noOutputs: Outputs = {
  outcome: '',
  stage: '',
  wave: '',
  verdict: '',
  revision: '',
  report: '',
  'next-command': '',
};
