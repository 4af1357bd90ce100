import { isProblem } from '../../model/finding.ts';
import type { OutcomeKind } from '../../model/outcome.ts';
import type { RunReport } from '../run-report.ts';

type Tone = 'good' | 'bad' | 'back' | 'neutral';

/** The first thing that is read: what became of the run, and what to do. */
export interface WhatNow {
  tone: Tone;
  mark: string;
  title: string;
  message: string;
  todo: string;
  /** How an error left the mesh. */
  state?: string;
  /** The command to type next; empty when there is none. */
  next: string;
}

const said: Record<OutcomeKind, Pick<WhatNow, 'tone' | 'mark' | 'title' | 'todo'>> = {
  completed: { tone: 'good', mark: '✔', title: 'Completed', todo: 'Nothing.' },
  reached: {
    tone: 'good',
    mark: '✔',
    title: 'Reached its goal',
    todo: 'Go on when you are ready; both control planes run until then.',
  },
  'nothing-to-do': { tone: 'good', mark: '✔', title: 'Nothing to do', todo: 'Nothing.' },
  blocked: {
    tone: 'bad',
    mark: '✘',
    title: 'Blocked',
    todo: 'Repair what the findings name, then run it again. Nothing was touched.',
  },
  held: {
    tone: 'bad',
    mark: '✘',
    title: 'Held: a person decides',
    todo: 'Repair the cause and go on, or take it back with rollback. Both control planes run, and nothing moves until then.',
  },
  'rolled-back': {
    tone: 'back',
    mark: '↩',
    title: 'Rolled back',
    todo: 'Nothing now: the old revision serves everything. Find out what was wrong with the new one before the next try.',
  },
  'rollback-held': {
    tone: 'bad',
    mark: '✘',
    title: 'Act now: the way back could not be finished',
    todo: 'Repair what the findings name, then run the rollback again.',
  },
  interrupted: {
    tone: 'neutral',
    mark: '…',
    title: 'Interrupted',
    todo: 'Run it again: it goes on from where the cluster is.',
  },
};

export function whatNow({ outcome, error, findings }: RunReport): WhatNow {
  if (outcome !== undefined) {
    const { kind, message, next } = outcome;
    return { ...said[kind], message, next };
  }
  if (error !== undefined) return afterError(error);
  const problem = findings.find(isProblem);
  return {
    tone: 'neutral',
    mark: '…',
    title: 'No end was written',
    message: problem?.message ?? 'This report was written while the run went on.',
    todo: 'If the run no longer lives, run it again: what it had done is in the cluster, and it goes on.',
    next: '',
  };
}

/** Anything can have been thrown; ours say what became of the mesh. */
function afterError(error: unknown): WhatNow {
  const facts: Readonly<Record<string, unknown>> =
    typeof error === 'object' && error !== null
      ? { ...error, ...(error instanceof Error && { message: error.message }) }
      : {};
  const textOf = (name: string): string => {
    const value = facts[name];
    return typeof value === 'string' ? value : '';
  };
  const [code, state] = [textOf('code'), textOf('state')];
  return {
    tone: 'bad',
    mark: '✘',
    title: code === '' ? 'Ended by an error' : `Ended by an error: ${code}`,
    message: [textOf('title'), textOf('message')].filter((text) => text !== '').join(' ') || String(error),
    todo: textOf('hint') || 'Look at the status, then run it again: what it had done is in the cluster.',
    ...(state === '' ? {} : { state }),
    next: '',
  };
}
