import { observe } from '../mesh/observe.ts';
import { Recent } from '../mesh/recent.ts';
import type { Problem } from '../model/finding.ts';
import { onlyObserves } from '../model/gate-settings.ts';
import type { Journal, JournalState } from '../model/journal.ts';
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

/** Why a run holds or rolls back, as the journal records it. */
export type Reason = Omit<NonNullable<Journal['held']>, 'at'>;

export const noMarks: Marks = { waves: {} };

/** One snapshot outside a stage. */
export async function snapshot<A extends Aspect>(run: Run, aspects: readonly A[], plan: Plan): Promise<Pick<World, A>> {
  return await observe(
    run.ports,
    aspects,
    plan,
    { marks: run.journal.current.marks, unchangedForMs: 0, stillFor: new Map(), setAside: new Map() },
    new Recent(run.clock, 0),
  );
}

export function emitProblems(
  run: Run,
  { stage, problems }: Pick<Extract<WalkEnd, { end: 'stopped' }>, 'stage' | 'problems'>,
  decision: string,
): void {
  for (const each of problems)
    run.emit({ kind: 'problem', number: stage.number, name: stage.name, problem: each, decision });
}

/** Writes the state of a run to the journal: with why it is held, and with a line of history when it has ended. */
export async function recordState(
  run: Run,
  state: JournalState,
  { held, history }: { held?: Reason; history?: string } = {},
): Promise<void> {
  const now = run.ports.cluster.now();
  await run.journal.update(({ held: _before, intent: _intent, ...journal }) => ({
    ...journal,
    state,
    ...(held === undefined ? {} : { held: { ...held, at: now } }),
    history:
      history === undefined
        ? journal.history
        : [...journal.history, `${new Date(now).toISOString()} ${journal.runId} ${history}`].slice(-10),
  }));
}

/** Whether `--timeout` ended the run, and no signal. */
export function isTimeUp({ signal }: Pick<Run, 'signal'>): boolean {
  const reason: unknown = signal.reason;
  return reason instanceof Error && reason.name === 'TimeoutError';
}

/** `Interrupted in stage 5, restart-canary`, or that its time was up. */
export const whyInterrupted = (run: Pick<Run, 'signal'>, where: string): string =>
  `${isTimeUp(run) ? 'The time given by --timeout was up' : 'Interrupted'} ${where}`;

/** What others must do, and who. */
export const describeAwaited = ({ stage, awaited }: Extract<WalkEnd, { end: 'waiting' }>): string =>
  `Stage ${stage.number} waits for ${awaited.map(({ what, owner }) => `${owner}: ${what}`).join('; ')}. Nothing is wrong; run again when it is done.`;

/** How a run ends, and what its outcome adds by itself: the wave judged last, and the revision that the tag names. */
export interface Conclusion {
  kind: OutcomeKind;
  plan: Plan;
  message: string;
  /** The name of the stage in which it ends. */
  stage?: string;
  problems?: readonly Problem[];
  /** Left out: the code of the first problem. */
  reason?: string;
  /** The command that a person types next. */
  next?: string;
}

/** That the gate has not decided, and where it would have stopped the upgrade; empty when it decides. */
function observedOnly({ marks }: Pick<Journal, 'marks'>, plan: Plan): string {
  if (plan.direction === 'back' || !onlyObserves(plan)) return '';
  const red = Object.entries(marks.waves).flatMap(([wave, { verdict }]) =>
    verdict === undefined || verdict.verdict === 'pass' ? [] : [`wave ${wave} (${verdict.verdict})`],
  );
  return red.length === 0
    ? ' The gate only observed; it would have stopped nothing so far.'
    : ` The gate only observed, and did not decide: it would have stopped the upgrade at ${red.join(', ')}.`;
}

/** Emits the end of a run, and returns its outcome. */
export async function conclude(
  run: Run,
  { kind, plan, message, stage = '', problems = [], reason = problems[0]?.code ?? '', next = '' }: Conclusion,
): Promise<Outcome> {
  const { tags } = await snapshot(run, ['tags'], plan);
  const judged = Object.entries(run.journal.current.marks.waves).filter(([, { verdict }]) => verdict !== undefined);
  const [wave = '', marks] = judged.at(-1) ?? [];
  const said = `${message}${observedOnly(run.journal.current, plan)}`;
  run.emit({ kind: 'run-ended', outcome: kind, message: said, next });
  return {
    kind,
    message: said,
    stage,
    wave,
    verdict: marks?.verdict?.verdict ?? '',
    revision: revisionOfTag({ tags }, plan.tag) ?? '',
    problems,
    reason,
    next,
  };
}
