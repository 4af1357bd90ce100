import { describeEffect, isNote, leftValidBy } from '../effects/effects.ts';
import { observe, type Ports } from '../mesh/observe.ts';
import { Recent } from '../mesh/recent.ts';
import type { Awaited } from '../model/awaited.ts';
import type { Clock } from '../model/clock.ts';
import type { Effect, EffectOf } from '../model/effect.ts';
import type { Emit } from '../model/events.ts';
import { defineFinding, type Problem, problemOf } from '../model/finding.ts';
import { onlyObserves } from '../model/gate-settings.ts';
import { installerOf } from '../model/installer-kind.ts';
import { unjudged } from '../model/marks.ts';
import type { Plan } from '../model/plan.ts';
import { isBefore } from '../model/procedure.ts';
import type { RunRequest } from '../model/run-request.ts';
import { describeShortfall, type Shortfall, type Stage } from '../model/stage.ts';
import { messageOf, UpgradeError } from '../model/upgrade-error.ts';
import { recovered } from '../rollout/recovered.ts';
import { redVerdict } from '../rollout/wave-progress.ts';
import { workloadId } from '../workloads/workloads.ts';
import { Attempts, type Failure } from './attempts.ts';
import { Awaiting } from './awaiting.ts';
import { describeUndone } from './describe-undone.ts';
import type { JournalStore } from './journal.ts';
import type { Lock } from './lock.ts';
import { Patience } from './patience.ts';
import { perform } from './perform.ts';
import { AbortAsked } from './request-errors.ts';
import { SnapshotNews } from './snapshot-news.ts';
import { Stillness } from './stillness.ts';

export const Stuck = defineFinding({
  code: 'STUCK',
  severity: 'blocks',
  title: 'A stage has not moved for as long as `pace.patience`.',
  cause:
    'What the stage waits for has not happened, and the tool detected no more exact cause. It is not a rollout: one that stands still is set aside, or counts against the release.',
  fix: 'Look at the objects that the message lists, repair the cause, then run again.',
  blames: 'surroundings',
  needsFreshLists: true,
});

export interface Walker {
  ports: Ports;
  clock: Clock;
  journal: JournalStore;
  lock: Lock;
  emit: Emit;
  /** Aborted by SIGINT and SIGTERM: effects in flight settle, none is started. */
  signal: AbortSignal;
}

/** Where a walk ended. `touched` says whether this walk has written anything to the mesh. */
export type WalkEnd =
  /** `setAside`: the problems of workloads that it waited for no more. */
  | { end: 'reached'; stage: Stage; setAside: readonly Problem[] }
  | { end: 'stopped'; stage: Stage; problems: readonly Problem[]; touched: boolean }
  /** Others have not done in time what the stage needs. */
  | { end: 'waiting'; stage: Stage; awaited: readonly Awaited[] }
  | { end: 'interrupted'; stage: Stage };

/** Looks at most this often when nothing changes; watches wake us earlier. */
const lookEveryMs = 2_000;
/**
 * Walks the stages in order; the current one is the first with something missing. All control flow is here, stages only answer.
 * @param setAside by the id of the workload: what the walk before waits for no more; this one adds to it
 */
export async function walk(
  walker: Walker,
  stages: readonly Stage[],
  plan: Plan,
  setAside = new Map<string, Problem>(),
): Promise<WalkEnd> {
  const last = stages.at(-1);
  if (last === undefined) throw new Error('a walk needs at least one stage');
  const state = { touched: false, isPaused: false, news: new SnapshotNews(walker.emit), last, setAside };
  for (const stage of stages) {
    walker.emit({ kind: 'stage-started', ...nameOf(stage) });
    const end = await walkStage(walker, stage, plan, state);
    if (end !== undefined) return end;
  }
  return { end: 'reached', stage: last, setAside: [...setAside.values()] };
}

interface WalkState {
  touched: boolean;
  isPaused: boolean;
  news: SnapshotNews;
  last: Stage;
  /** By the id of the workload. */
  setAside: Map<string, Problem>;
}

async function walkStage(walker: Walker, stage: Stage, plan: Plan, state: WalkState): Promise<WalkEnd | undefined> {
  const { ports, clock, journal, lock, emit, signal } = walker;
  const attempts = new Attempts(clock);
  const stillness = new Stillness(clock);
  const awaiting = new Awaiting(clock);
  const recent = new Recent(clock, plan.gate.intervalMs);
  const stopped = (problems: readonly Problem[]): WalkEnd => ({
    end: 'stopped',
    stage,
    problems,
    touched: state.touched,
  });
  const putAside = (workload: string, problem: Problem): void => {
    state.setAside.set(workload, problem);
    emit({ kind: 'problem', number: stage.number, name: stage.name, problem, decision: 'go on without it' });
  };
  // Whatever keeps a workload from its restart, a rollback restores the others.
  const goesOn = plan.direction === 'back' && stage.setsAside !== undefined;
  /** What cannot be done: a restart that holds up no other workload is set aside, anything else ends the walk. */
  const giveUp = (failures: readonly Failure[]): WalkEnd | undefined => {
    const ends: Problem[] = [];
    for (const { effect, problem } of failures) {
      // That a verdict could not be written changes nothing about what it says.
      if (effect.kind === 'record-verdict')
        ends.push(...(onlyObserves(plan) ? [] : redVerdict(effect.wave, effect.judged)), problem);
      else if (effect.kind !== 'restart-workload' || !(goesOn || problem.meaning.setsAside === true))
        ends.push(problem);
      else putAside(idOf(effect.workload), problem);
    }
    return ends.length === 0 ? undefined : stopped(ends);
  };
  let checked = false;
  let isSure = false;
  // What is said at the end of a walk is said of lists of that moment. To the tag nothing may add a delay.
  let isFresh = stage !== state.last || isBefore(stage.step, 'upgrade-gateways');

  const turn = async (): Promise<WalkEnd | 'done' | 'again'> => {
    if (signal.aborted) return { end: 'interrupted', stage };
    lock.expectNotLost();
    // Of a rollback nothing is asked: it must end.
    const request = plan.direction === 'forward' ? lock.request : undefined;
    if (request?.verb === 'abort') return stopped([AbortAsked.of(`${request.by} asked for it at ${request.at}.`)]);
    tellPause(walker, state, request);
    const looked = await observe(
      ports,
      [...stage.looksAt, 'now'],
      plan,
      {
        marks: journal.current.marks,
        unchangedForMs: stillness.ms,
        stillFor: stillness.each,
        setAside: state.setAside,
      },
      recent,
    );
    state.news.see(stage.number, looked, plan);
    const back = recovered(looked, state.setAside, plan);
    for (const { id } of back) {
      state.setAside.delete(id);
      emit({ kind: 'recovered', number: stage.number, workload: id });
    }
    // Before the gateways no wave has begun in this run, and the lock is not taken yet; once the removal has begun nothing is judged again.
    const isJudged = plan.direction === 'forward' && !isBefore(stage.step, 'upgrade-gateways');
    if (back.length > 0 && isJudged && journal.current.marks.removalBegan === undefined) {
      const namespaces = new Set(back.map(({ namespace }) => namespace));
      await journal.update((old) => ({ ...old, marks: unjudged(old.marks, namespaces) }));
      // What was judged was judged without it.
      recent.forget();
      return 'again';
    }
    const shortfalls = stage.missing(looked, plan);
    stillness.see(shortfalls);
    // What this look is the first to show has stood for no time, however long all was quiet before.
    const world = { ...looked, unchangedForMs: stillness.ms, stillFor: stillness.each };
    if (shortfalls.length === 0 && !isFresh) {
      await ports.cluster.refresh();
      isFresh = true;
      return 'again';
    }
    if (shortfalls.length === 0) {
      const findings = stage.notices?.(world, plan) ?? [];
      if (findings.length > 0) emit({ kind: 'findings', findings });
      emit({
        kind: 'stage-done',
        ...nameOf(stage),
        proof: stage.proof?.(world, plan) ?? '',
        untouched: !attempts.any,
      });
      return 'done';
    }
    if (!checked) {
      const problems = stage.requires(world, plan);
      if (problems.length > 0) return stopped(problems);
      const told = stage.tells?.(world, plan) ?? [];
      if (told.length > 0) emit({ kind: 'findings', findings: told });
      checked = true;
    }
    const aside = stage.setsAside?.(world, plan) ?? [];
    const awaited = stage.awaits?.(world, plan) ?? [];
    const standstill = aside.length + awaited.length > 0 ? undefined : stuck(stage, shortfalls, stillness.ms, plan);
    const endsWalk = goesOn ? undefined : standstill;
    const broken = [...(stage.broken?.(world, plan) ?? []), ...(endsWalk === undefined ? [] : [endsWalk])];
    if (broken.length > 0) {
      if (isSure || !broken.every(({ meaning }) => meaning.needsFreshLists)) return stopped(broken);
      await ports.cluster.refresh();
      isSure = true;
      return 'again';
    }
    if (aside.length > 0) {
      const known = aside.filter(({ meaning }) => isSure || !meaning.needsFreshLists);
      for (const problem of known) putAside(problem.objects[0] ?? '', problem);
      if (known.length === 0) await ports.cluster.refresh();
      isSure = known.length === 0;
      return 'again';
    }
    if (goesOn && standstill !== undefined) {
      for (const left of shortfalls) putAside(left.what, standsStill(left, stillness.ms));
      return 'again';
    }
    isSure = false;

    const wanted = stage.effects(world, plan).filter(({ kind }) => !state.isPaused || goesOnInPause.has(kind));
    const undone = attempts.undone(wanted);
    const hopeless =
      undone === undefined
        ? attempts.inVain(wanted)
        : { effect: undone, problem: await describeUndone(ports.cluster, undone) };
    if (hopeless !== undefined) {
      const end = giveUp([hopeless]);
      if (end !== undefined) return end;
      return 'again';
    }
    const due = attempts.due(wanted);
    if (due.length > 0) {
      const failed = await performAll(walker, plan, due, attempts);
      if (!due.every(isNote)) state.touched = true;
      const onlyRestarts = due.every(({ kind }) => kind === 'restart-workload');
      recent.forget(leftValidBy(due));
      const end = giveUp(failed);
      if (end !== undefined) return end;
      if (!onlyRestarts) return 'again';
    } else if (awaiting.see(awaited)) {
      emit({ kind: 'awaiting', number: stage.number, awaited, forMs: externalTimeoutOf(plan) });
    } else if (awaited.length > 0 && awaiting.ms >= externalTimeoutOf(plan)) {
      return { end: 'waiting', stage, awaited };
    } else if (stillness.isWorthTelling) {
      emit({ kind: 'waiting', number: stage.number, shortfalls, sinceMs: stillness.ms });
      stillness.told();
    }
    await nextLook(ports, stage.looksEveryMs ?? lookEveryMs, signal);
    return 'again';
  };

  const patience = new Patience(walker, plan.pace.patienceMs);
  for (;;) {
    const began = clock.now();
    try {
      const end = await turn();
      patience.answered();
      // A pause is no standstill.
      if (state.isPaused) stillness.forgive(clock.now() - began);
      if (end !== 'again') return end === 'done' ? undefined : end;
    } catch (failure) {
      await patience.wait(failure, stage);
      // Before the next turn decides: an outage is no standstill.
      stillness.forgive(clock.now() - began);
    }
  }
}

/** What only writes down what has come about. */
const goesOnInPause: ReadonlySet<Effect['kind']> = new Set(['begin-bake', 'record-verdict', 'record-unused']);

function tellPause({ emit }: Walker, state: WalkState, request: RunRequest | undefined): void {
  if (state.isPaused === (request !== undefined)) return;
  state.isPaused = request !== undefined;
  emit(request === undefined ? { kind: 'resumed' } : { kind: 'paused', by: request.by });
}

/** Plans of releases before this setting do not say. */
const externalTimeoutOf = ({ externalTimeoutMs = 600_000 }: Plan): number => externalTimeoutMs;

const nameOf = ({ step, number, name, title }: Stage) => ({ step, number, name, title });

const idOf = ({ kind, namespace, name }: EffectOf<'restart-workload'>['workload']): string =>
  workloadId(kind, namespace, name);

/** Until something changes; an interruption ends the wait and is seen at the top of the loop. */
async function nextLook({ cluster }: Ports, timeoutMs: number, signal: AbortSignal): Promise<void> {
  try {
    await cluster.changed(timeoutMs, signal);
  } catch (failure) {
    if (!signal.aborted) throw failure;
  }
}

/** Starts what is due at once, and lets all of it settle before anything is concluded. */
async function performAll(
  { ports, journal, lock, emit, signal }: Walker,
  plan: Plan,
  due: readonly Effect[],
  attempts: Attempts,
): Promise<readonly Failure[]> {
  const results = await Promise.allSettled(
    due.map(async (effect) => {
      if (signal.aborted) return;
      attempts.begin(effect);
      const told = { effect, text: describeEffect(effect) };
      emit({ kind: 'effect-started', ...told, isNote: isNote(effect) });
      try {
        const { cluster, meshTool } = ports;
        const installer = ports.installers(installerOf(plan));
        const context = { cluster, installer, meshTool, journal, lock, plan, emit };
        if (!(await perform(effect, context))) {
          const message = 'not begun: announcing it took too long, so it looks again';
          emit({ kind: 'effect-failed', ...told, message });
          return;
        }
        emit({ kind: 'effect-done', ...told });
      } catch (failure) {
        emit({ kind: 'effect-failed', ...told, message: messageOf(failure) });
        throw failure;
      }
    }),
  );
  return due.flatMap((effect, index): Failure[] => {
    const result = results[index];
    if (result?.status !== 'rejected') return [];
    const failure: unknown = result.reason;
    // Without an API server there is no telling what came about before the next look, and without the lock it is another's to tell.
    if (!(failure instanceof UpgradeError) || failure.whileWriting === 'ends the run') throw failure;
    return [{ effect, problem: problemOf(failure, effect.kind === 'restart-workload' ? [idOf(effect.workload)] : []) }];
  });
}

const standsStill = (left: Shortfall, unchangedForMs: number): Problem =>
  Stuck.of(`${describeShortfall(left)}. It has not moved for ${Math.round(unchangedForMs / 1000)} s.`, [left.what]);

/** A wait that nothing bounds ends when the patience is over without any movement. */
function stuck(
  stage: Stage,
  shortfalls: readonly Shortfall[],
  unchangedForMs: number,
  plan: Plan,
): Problem | undefined {
  if (unchangedForMs < plan.pace.patienceMs || shortfalls.some(({ endsByItself }) => endsByItself)) return undefined;
  return Stuck.of(
    `Stage ${stage.number} has not moved for ${Math.round(unchangedForMs / 1000)} s.`,
    shortfalls.map(describeShortfall),
  );
}
