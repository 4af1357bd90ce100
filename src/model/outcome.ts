import type { Finding } from './finding.ts';

/** How a run ended. Exit code, outputs and the summary's first line follow from it. */
export type OutcomeKind =
  | 'completed'
  | 'reached'
  | 'rolled-back'
  | 'blocked'
  | 'held'
  | 'rollback-held'
  | 'waiting'
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
  /** Why it ended so: the code of its first problem, or `TIMED_OUT`; empty when it ended as it was meant to. */
  reason: string;
  /** The one command that a person types next; empty when there is none. */
  next: string;
}

/** What an end means to its reader: as it was wanted, against it, rolled back, or neither. */
export type Tone = 'good' | 'bad' | 'back' | 'neutral';

interface OutcomeMeaning {
  /** Stable. */
  exitCode: number;
  /** For the table of exit codes in docs/shell.md. */
  meaning: string;
  tone: Tone;
  title: string;
  /** What a person does now. */
  advice: string;
}

/** The one table of outcomes: exit code, docs/shell.md, page and summary read it. */
export const outcomes: Readonly<Record<OutcomeKind, OutcomeMeaning>> = {
  completed: {
    exitCode: 0,
    meaning: 'The upgrade is complete, or the check found nothing that blocks.',
    tone: 'good',
    title: 'Completed',
    advice: 'Nothing.',
  },
  reached: {
    exitCode: 0,
    meaning: 'Everything up to --through is done.',
    tone: 'good',
    title: 'Reached its goal',
    advice: 'Continue when you are ready. Nothing changes until then.',
  },
  'nothing-to-do': {
    exitCode: 0,
    meaning: 'There was nothing to do.',
    tone: 'good',
    title: 'Nothing to do',
    advice: 'Nothing.',
  },
  blocked: {
    exitCode: 3,
    meaning: 'A check blocks; this run changed nothing.',
    tone: 'bad',
    title: 'Blocked',
    advice: 'Repair what the findings name, then run it again. Nothing was changed.',
  },
  held: {
    exitCode: 4,
    meaning: 'The run holds: it stopped before its end, and a person decides.',
    tone: 'bad',
    title: 'Held: a person decides',
    advice: 'Repair the cause and resume, or roll back. Nothing changes until then.',
  },
  'rolled-back': {
    exitCode: 5,
    meaning:
      'The upgrade was rolled back and this was verified; the old revision serves everything. (`rollback` itself then ends with 0.)',
    tone: 'back',
    title: 'Rolled back',
    advice:
      'Nothing now: the old revision serves everything. Find out what was wrong with the new one before the next attempt.',
  },
  'rollback-held': {
    exitCode: 6,
    meaning: 'The rollback could not be finished; a person must act now.',
    tone: 'bad',
    title: 'Act now: the rollback could not be finished',
    advice: 'Repair what the findings name, then run the rollback again.',
  },
  waiting: {
    exitCode: 8,
    meaning:
      'The run waits for another tool or a person, who installs or removes an istiod; nothing is wrong, run again to resume.',
    tone: 'neutral',
    title: 'Waiting for others',
    advice: 'Make the change that the run names, then run again: it resumes. Nothing else changes until then.',
  },
  interrupted: {
    exitCode: 130,
    meaning: 'Interrupted by a signal; run again to resume.',
    tone: 'neutral',
    title: 'Interrupted',
    advice: 'Run it again: it resumes from the state of the cluster.',
  },
};

/** For failures that are no outcome of a run. */
export const failureCodes = {
  internal: { exitCode: 1, meaning: 'An internal error of the tool; please report it.' },
  usage: { exitCode: 2, meaning: 'The command line, the config or the environment is wrong; nothing was changed.' },
  unreachable: { exitCode: 7, meaning: 'The cluster or a tool did not answer, so the state is unknown; run again.' },
} as const;
