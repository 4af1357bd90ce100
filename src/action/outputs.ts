/** Every output of the Action, always set; action.yml and the table in docs/action.md are compared with it. */
export const outputs = {
  outcome:
    'How the run ended: completed, reached, nothing-to-do, blocked, held, rolled-back, rollback-held, waiting, interrupted, usage, unreachable or internal.',
  stage: 'The name of the stage in which the run ended, for example judge-canary; empty if it reached no stage.',
  wave: 'The wave that was judged last, for example canary; empty if none was judged.',
  verdict: 'The verdict on that wave: pass, fail, hold or inconclusive; empty if there is none.',
  revision: 'The revision that the tag points to at the end, for example 1-31-0; empty if it could not be read.',
  reason:
    'Why the run ended so: the code of its first problem, TIMED_OUT or AWAITS_OTHERS; empty if it ended as it was meant to.',
  report:
    'The path of the report as JSON; the same report as an HTML page is in the same folder, and both are uploaded. Empty if there is no report.',
  'next-command': 'The command to run next; empty if there is none.',
} as const;

type OutputName = keyof typeof outputs;
export type Outputs = Readonly<Record<OutputName, string>>;

export const noOutputs: Outputs = {
  outcome: '',
  stage: '',
  wave: '',
  verdict: '',
  revision: '',
  reason: '',
  report: '',
  'next-command': '',
};
