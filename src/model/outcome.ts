import type { Finding } from './finding.ts';

/** How a run ended. Exit code, outputs and the summary's first line follow from it. */
export type OutcomeKind =
  | 'completed'
  | 'reached'
  | 'rolled-back'
  | 'blocked'
  | 'held'
  | 'rollback-held'
  | 'interrupted'
  | 'nothing-to-do';

export interface Outcome {
  kind: OutcomeKind;
  message: string;
  stage: string;
  wave: string;
  verdict: string;
  /** The revision that the tag names at the end. */
  revision: string;
  problems: readonly Finding[];
  /** The one command that a person types next; empty when there is none. */
  next: string;
}

/** Exit codes; stable, and the README's table is made of them. */
export const exitCodes = {
  completed: { code: 0, meaning: 'The upgrade is complete, or the check found nothing that blocks.' },
  reached: { code: 0, meaning: 'Everything up to --through is done.' },
  'nothing-to-do': { code: 0, meaning: 'There was nothing to do.' },
  blocked: { code: 3, meaning: 'A check blocks; this run changed nothing.' },
  held: { code: 4, meaning: 'The run holds: it stopped, both control planes run, and a person decides.' },
  'rolled-back': {
    code: 5,
    meaning:
      'The upgrade was rolled back and this was verified; the old revision serves everything. (`rollback` itself then ends with 0.)',
  },
  'rollback-held': { code: 6, meaning: 'The rollback could not be finished; a person must act now.' },
  interrupted: { code: 130, meaning: 'Interrupted by a signal; run again to resume.' },
} as const satisfies Record<OutcomeKind, { code: number; meaning: string }>;

/** For failures that are no outcome of a run. */
export const failureCodes = {
  internal: { code: 1, meaning: 'An internal error of the tool; please report it.' },
  usage: { code: 2, meaning: 'The command line, the config or the environment is wrong; nothing was changed.' },
  unreachable: { code: 7, meaning: 'The cluster or a tool did not answer, so the state is unknown; run again.' },
} as const;
