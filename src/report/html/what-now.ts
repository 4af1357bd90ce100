import { isProblem } from '../../model/finding.ts';
import { outcomes, type Tone } from '../../model/outcome.ts';
import type { RunReport } from '../run-report.ts';

/** The first thing on the page: how the run ended, and what to do. */
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

const marks: Readonly<Record<Tone, string>> = { good: '✔', bad: '✘', back: '↩', neutral: '…' };

export function whatNow({ outcome, error, findings, verdicts }: RunReport): WhatNow {
  if (outcome !== undefined) {
    const { kind, message, next } = outcome;
    const { tone, title, advice } = outcomes[kind];
    if (tone === 'good' && verdicts.some(isOnlyObservedAgainst))
      return {
        tone: 'neutral',
        mark: '!',
        title: `${title}, although a verdict was against it`,
        message,
        todo: lookAtVerdicts,
        next,
      };
    return { tone, mark: marks[tone], title, message, todo: advice, next };
  }
  if (error !== undefined) return afterError(error);
  const problem = findings.find(isProblem);
  return {
    tone: 'neutral',
    mark: '…',
    title: 'The report has no end of the run',
    message: problem?.message ?? 'This report was written while the run was under way.',
    todo: 'If the run has ended, run the same command again: it reads from the cluster what is done, and resumes.',
    next: '',
  };
}

const isOnlyObservedAgainst = ({ observed, verdict }: RunReport['verdicts'][number]): boolean =>
  observed === true && (verdict === 'fail' || verdict === 'inconclusive');
const lookAtVerdicts =
  'Look at the verdicts of the waves before you keep this release. The gate only observed; if it had decided, it would have stopped the upgrade.';

/** Any value can be thrown; an UpgradeError also says how the mesh was left. */
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
    todo:
      textOf('hint') ||
      'Read the status, then run the same command again: it reads from the cluster what is done, and resumes.',
    ...(state === '' ? {} : { state }),
    next: '',
  };
}
