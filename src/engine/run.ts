import { observe } from '../mesh/observe.ts';
import { Recent } from '../mesh/recent.ts';
import type { Problem } from '../model/finding.ts';
import type { JournalState } from '../model/journal.ts';
import type { Marks } from '../model/marks.ts';
import type { Outcome, OutcomeKind } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import type { Aspect, World } from '../model/world.ts';
import { revisionOfTag } from '../plan/make-plan.ts';
import type { WalkEnd, Walker } from './walk.ts';

export interface Run extends Walker {
  runId: string;
  tag: string;
  /** What to type next for a verb, with this run's own options. */
  command(verb: string): string;
}

export const noMarks: Marks = { waves: {} };

/** One look outside a stage. */
export async function look(run: Run, aspects: readonly Aspect[], plan: Plan): Promise<World> {
  return await observe(
    run.eyes,
    aspects,
    plan,
    { marks: run.journal.current.marks, unchangedForMs: 0 },
    new Recent(run.clock, 0),
  );
}

export function tellProblems(
  run: Run,
  { stage, problems }: Extract<WalkEnd, { end: 'stopped' }>,
  decision: string,
): void {
  for (const each of problems)
    run.tell({ kind: 'problem', number: stage.number, name: stage.name, problem: each, decision });
}

/** Writes how a run stands, and a line of history when it ended. */
export async function note(
  run: Run,
  state: JournalState,
  held?: { code: string; message: string },
  line?: string,
): Promise<void> {
  const now = run.eyes.cluster.now();
  await run.journal.update(({ held: _before, intent: _intent, ...journal }) => ({
    ...journal,
    state,
    ...(held === undefined ? {} : { held: { ...held, at: now } }),
    history:
      line === undefined
        ? journal.history
        : [...journal.history, `${new Date(now).toISOString()} ${journal.runId} ${line}`].slice(-10),
  }));
}

/** `Interrupted in stage 5, restart-canary`, or that its time was up. */
export function whyInterrupted({ signal }: Run, where: string): string {
  const reason: unknown = signal.reason;
  const isTimeUp = reason instanceof Error && reason.name === 'TimeoutError';
  return `${isTimeUp ? 'The time given by --timeout was up' : 'Interrupted'} ${where}`;
}

/** The end of a run, told and returned. */
export async function outcome(
  run: Run,
  kind: OutcomeKind,
  plan: Plan,
  message: string,
  stage: string,
  problems: readonly Problem[],
  next: string,
): Promise<Outcome> {
  const { tags } = await look(run, ['tags'], plan);
  const judged = Object.entries(run.journal.current.marks.waves).filter(([, { verdict }]) => verdict !== undefined);
  const [wave = '', marks] = judged.at(-1) ?? [];
  const ended: Outcome = {
    kind,
    message,
    stage,
    wave,
    verdict: marks?.verdict?.verdict ?? '',
    revision: revisionOfTag({ tags }, plan.tag) ?? '',
    problems,
    next,
  };
  run.tell({ kind: 'run-ended', outcome: kind, message, next });
  return ended;
}
