import type { Config } from '../config/config.ts';
import { originalOf } from '../effects/restore-tag.ts';
import { gatewayWaveName, watchedWaves } from '../mesh/gateway-wave.ts';
import { tagStrays } from '../mesh/tag-strays.ts';
import { unhealthyBefore } from '../mesh/unhealthy-before.ts';
import { isDowngrade } from '../model/downgrade.ts';
import type { Problem } from '../model/finding.ts';
import { onlyObserves } from '../model/gate-settings.ts';
import type { Journal } from '../model/journal.ts';
import { hasLabelled, type Marks, marksWithin } from '../model/marks.ts';
import type { Outcome, OutcomeKind } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import type { Policy } from '../model/policy.ts';
import { lastStep, type StepName } from '../model/procedure.ts';
import { goalOf, planUpTo } from '../plan/goal.ts';
import { differencesOf, hashPlan, movesBetween } from '../plan/make-plan.ts';
import { precheck } from '../stages/1-precheck.ts';
import { moveTagAgain } from '../stages/3-move-tag.ts';
import { stagesFrom } from '../stages/index.ts';
import { PlanChanged } from './engine-errors.ts';
import { nextWhenHeld } from './next-when-held.ts';
import { planFor } from './plan-for.ts';
import { AwaitsOthers, Interrupted, TimedOut } from './reasons.ts';
import { wayBack } from './roll-back.ts';
import {
  conclude,
  describeAwaited,
  emitProblems,
  isTimeUp,
  noMarks,
  type Run,
  recordState,
  snapshot,
  whyInterrupted,
} from './run.ts';
import { type WalkEnd, walk } from './walk.ts';
import { walkForward } from './walk-forward.ts';
import { phaseOf, whichWay } from './which-way.ts';

export interface UpgradeOptions {
  through?: string;
  /** Follow the plan as it would be made now, though it differs from the journal's. */
  replan?: boolean;
  /** Refuse to do anything but the plan with this hash. */
  expectPlan?: string;
  /** Bake a wave again that has a verdict against it. */
  rejudge?: boolean;
}

/** `upgrade`: goes on from wherever the cluster is, up to the goal; rolls back when it must. */
export async function upgrade(run: Run, config: Config, options: UpgradeOptions = {}): Promise<Outcome> {
  try {
    return await upgradeLocked(run, config, options);
  } finally {
    await run.lock.release();
  }
}

/** Takes the lock after the checks: until then nothing is written, and a user without a right is told which right is missing. */
async function upgradeLocked(run: Run, config: Config, options: UpgradeOptions): Promise<Outcome> {
  await run.lock.expectFree(run.signal);
  const old = await run.journal.load();
  if (old?.state === 'rolling-back') {
    await run.lock.acquire(run.signal, { above: old.epoch });
    return await wayBack(run);
  }
  const { plan, problems, resumed, tagless } = await planOf(run, config, old, options.replan);
  if (old !== undefined && isComplete(old, plan)) {
    const message = `The upgrade ${old.plan.from} -> ${old.plan.to} is complete already.`;
    return await conclude(run, { kind: 'nothing-to-do', plan: old.plan, message });
  }
  const planHash = hashPlan(plan);
  // Without the tag the plan is empty, which stage 1 explains better than a list of the namespaces that have left.
  if (tagless.length === 0) expectPlan(plan, planHash, resumed ? old : undefined, options);
  run.emit({
    kind: 'run-started',
    title: `${plan.versions.from} -> ${plan.versions.to}${isDowngrade(plan.versions) ? ' (downgrade)' : ''}, tag ${plan.tag}, plan ${planHash}${onlyObserves(plan) ? '; the gate only observes' : ''}`,
    direction: 'forward',
    runId: resumed && old ? old.runId : run.runId,
    resumed,
  });
  if (resumed && old) tellMoves(run, old.plan, plan);
  const goal = goalOf(options.through, plan);
  run.journal.draft({
    schema: 1,
    runId: run.runId,
    epoch: old?.epoch ?? 0,
    originals: [],
    marks: marksToBegin(old, plan),
    history: old?.history ?? [],
    ...(resumed && old
      ? retried({ ...old, marks: marksWithin(old.marks, watchedWaves(plan)) }, options.rejudge === true, {
          readyBefore: run.ports.cluster.now() - plan.gate.maxBakeMs,
          observes: onlyObserves(plan),
        })
      : {}),
    state: 'running',
    plan,
    planHash,
    on: policyOf(config),
  });
  if (problems.length > 0) return await blockedByPlan(run, plan, problems, config.on);
  const upTo = planUpTo(plan, goal);
  if (run.journal.current.marks.removalBegan !== undefined) return await finishRemoval(run, plan, upTo, config.on);
  const checked = await walk(run, [precheck], upTo);
  if (checked.end !== 'reached') return await concluded(run, upTo, checked, config.on, goal.step);
  if (goal.step === precheck.step) {
    const message = 'Every check passes; nothing was changed.';
    const next = run.command('upgrade');
    return await conclude(run, { kind: 'reached', plan: upTo, message, stage: precheck.name, next });
  }
  await begin(run, plan, resumed);
  const end = await walkForward(run, stagesFrom(plan, 'install-control-plane', goal.step), plan, (now) =>
    planUpTo(now, goalOf(options.through, now)),
  );
  return await concluded(run, upTo, end, config.on, goal.step);
}

const policyOf = ({ on: { failure, cancel, inconclusive } }: Config): Policy => ({ failure, cancel, inconclusive });

/** Once the old istiod is being removed, only the end is left: whatever happened to the mesh, the plan is what it was. */
async function planOf(
  run: Run,
  config: Config,
  old: Journal | undefined,
  replan: boolean | undefined,
): ReturnType<typeof planFor> {
  const made = await planFor(run, config, old, replan);
  if (!made.resumed || old?.marks.removalBegan === undefined) return made;
  return { ...made, plan: { ...old.plan, runId: made.plan.runId }, problems: [], tagless: [] };
}

/** Killed in its last write, or run once more: this upgrade was made, and its journal says so. */
const isComplete = (old: Journal, { from, to }: Plan): boolean =>
  old.state === 'completed' && old.plan.to === to && from === to;

/** An istiod of the target that an upgrade before has left is still ours. */
function marksToBegin(old: Journal | undefined, { to }: Plan): Marks {
  const installed = old?.marks.installed;
  return installed?.revision === to ? { ...noMarks, installed } : noMarks;
}

/** @throws PLAN_CHANGED when it is not the plan that was asked for, or that the run which is resumed has followed */
function expectPlan(plan: Plan, planHash: string, resumed: Journal | undefined, options: UpgradeOptions): void {
  const follows = options.replan !== true && !(resumed && isCorrectedInstall(resumed, plan));
  const wanted = options.expectPlan ?? (follows ? resumed?.planHash : undefined);
  if (wanted !== undefined && wanted !== planHash)
    throw PlanChanged.of(wanted, planHash, resumed === undefined ? [] : differencesOf(resumed.plan, plan));
}

/** Until the tag moves, or the canary has its label, nothing depends on what the new istiod was installed with: a config that corrects it is followed. */
const isCorrectedInstall = ({ plan: { install }, planHash, marks }: Journal, plan: Plan): boolean =>
  !isInUse(marks) && hashPlan({ ...plan, install }) === planHash;

const isInUse = (marks: Marks): boolean => marks.tagMovedAt !== undefined || hasLabelled(marks);

/** Namespaces that joined or left since the run before. */
function tellMoves(run: Run, before: Plan, after: Plan): void {
  const moves = movesBetween(before, after);
  if (moves.length > 0) run.emit({ kind: 'namespaces-moved', moves });
}

/** Waves often fail only because of what a check finds, such as a second webhook: both are reported. */
async function blockedByPlan(run: Run, plan: Plan, problems: readonly Problem[], policy: Policy): Promise<Outcome> {
  const found = precheck.requires(await snapshot(run, precheck.looksAt, plan), plan);
  const end = { end: 'stopped', stage: precheck, problems: [...found, ...problems], touched: false } as const;
  return await stopped(run, plan, end, policy);
}

/** While the old istiod is being removed the checks no longer hold, and the only way is to the end. */
async function finishRemoval(run: Run, plan: Plan, upTo: Plan, policy: Policy): Promise<Outcome> {
  await run.lock.acquire(run.signal, { above: run.journal.current.epoch });
  await run.journal.begin();
  const { tags } = await snapshot(run, ['tags'], plan);
  const wasPutBack = tagStrays(tags, plan).length > 0;
  // Pods that were created while it was put back have no istiod any more, and are restarted.
  const rest = [...(wasPutBack ? [moveTagAgain] : []), ...stagesFrom(plan, 'upgrade-gateways')];
  return await concluded(run, upTo, await walk(run, rest, upTo), policy, lastStep);
}

/** The first write of a run: the journal, with the tag's objects and the workloads that are not healthy as they are now. */
async function begin(run: Run, plan: Plan, resumed: boolean): Promise<void> {
  await run.lock.acquire(run.signal, { above: run.journal.current.epoch });
  if (!resumed) {
    const { tags, unhealthy } = await snapshot(run, ['tags', 'unhealthy'], plan);
    const originals = (tags.get(plan.tag) ?? []).map(originalOf);
    const { current } = run.journal;
    const marks = { ...current.marks, unhealthyBefore: unhealthyBefore(unhealthy) };
    run.journal.draft({ ...current, originals, marks });
  }
  await run.journal.begin();
}

/**
 * A new run is a person's decision to try again: what could not be judged is baked once more, also if no run looked when the longest bake
 * ended; a fail only if asked.
 * @param readyBefore the longest bake of a wave that was ready by then is over, Unix milliseconds of the cluster
 * @param observes whether verdicts stop nothing, so that one that was given stays
 */
function retried(
  { held: _held, intent: _intent, ...journal }: Journal,
  rejudge: boolean,
  { readyBefore, observes }: { readyBefore: number; observes: boolean },
): Journal {
  const waves = Object.entries(journal.marks.waves).map(([wave, marks]) => {
    const verdict = marks.verdict?.verdict;
    // The gateways are given no verdict but a fail, however long they are watched.
    const wasMissed = verdict === undefined && wave !== gatewayWaveName && (marks.readyAt ?? readyBefore) < readyBefore;
    const isOpen = verdict === 'inconclusive' && (rejudge || !observes);
    if (!isOpen && !wasMissed && !(verdict === 'fail' && rejudge)) return [wave, marks];
    const { verdict: _verdict, readyAt: _readyAt, ...kept } = marks;
    return [wave, kept];
  });
  return { ...journal, marks: { ...journal.marks, waves: Object.fromEntries(waves) } };
}

async function concluded(run: Run, plan: Plan, end: WalkEnd, policy: Policy, goal: StepName): Promise<Outcome> {
  if (end.end === 'stopped') return await stopped(run, plan, end, policy);
  const stage = end.stage.name;
  if (end.end === 'waiting') {
    const message = describeAwaited(end);
    const { code } = AwaitsOthers.definition;
    await recordState(run, 'waiting', { held: { code, message } });
    return await conclude(run, { kind: 'waiting', plan, message, stage, reason: code, next: run.command('upgrade') });
  }
  if (end.end === 'interrupted') {
    const message = `${whyInterrupted(run, `in stage ${end.stage.number}, ${stage}`)}; nothing is in flight.`;
    const { code } = (isTimeUp(run) ? TimedOut : Interrupted).definition;
    // Time that is up is not a cancelled run: it holds, and goes on with the next run.
    if (end.stage.step !== precheck.step)
      await recordState(run, isTimeUp(run) ? 'held' : 'running', { held: { code, message } });
    return await conclude(run, {
      kind: 'interrupted',
      plan,
      message,
      stage,
      reason: code,
      next: run.command('upgrade'),
    });
  }
  if (goal === lastStep) {
    await recordState(run, 'completed', { history: `completed ${plan.from} -> ${plan.to}` });
    const message = `Every proxy runs ${plan.to}; istiod ${plan.from} is removed.`;
    return await conclude(run, { kind: 'completed', plan, message, stage });
  }
  await recordState(run, 'waiting');
  const message = `Everything up to ${stage} is done; the old istiod stays installed.`;
  return await conclude(run, { kind: 'reached', plan, message, stage, next: run.command('upgrade') });
}

/** Before the tag has moved, a check that blocks leaves everything as it was. Afterwards it decides like a problem of any other stage. */
async function stoppedByChecks(
  run: Run,
  plan: Plan,
  end: Extract<WalkEnd, { end: 'stopped' }>,
  policy: Policy,
): Promise<Outcome> {
  const { problems, stage } = end;
  const { marks } = run.journal.current;
  const world = await snapshot(run, ['tags'], plan);
  const leadsBack = problems.find((problem) => whichWay(problem, world, marks, plan, policy) === 'back');
  const [first = leadsBack] = problems;
  const conclusion = { plan, message: first?.message ?? '', stage: stage.name, problems };
  if (!isInUse(marks) || phaseOf(world, marks, plan) === 'preparing') {
    emitProblems(run, end, 'stop; nothing was changed');
    return await conclude(run, { ...conclusion, kind: 'blocked', next: run.command('check') });
  }
  if (leadsBack === undefined) {
    const what = marks.tagMovedAt === undefined ? 'the canary has its label' : `the tag points to ${plan.to}`;
    emitProblems(run, end, `hold; ${what} already`);
    return await conclude(run, { ...conclusion, kind: 'held', next: run.command('upgrade') });
  }
  emitProblems(run, end, 'roll back');
  await begin(run, plan, true);
  const { code, message } = leadsBack;
  return await wayBack(run, { code, message }, problems);
}

async function stopped(
  run: Run,
  plan: Plan,
  end: Extract<WalkEnd, { end: 'stopped' }>,
  policy: Policy,
): Promise<Outcome> {
  const { stage, problems, touched } = end;
  const [first] = problems;
  if (first === undefined) throw new Error('a walk stopped without a problem');
  const conclusion = { plan, message: first.message, stage: stage.name, problems };
  const { marks } = run.journal.current;
  if (stage.step === precheck.step) return await stoppedByChecks(run, plan, end, policy);
  if (first.meaning.leadsBack === true) run.lock.settleRequest();
  const way = whichWay(first, await snapshot(run, ['tags'], plan), marks, plan, policy);
  emitProblems(run, end, way === 'back' ? 'roll back' : 'hold');
  const { code, message, meaning } = first;
  const reason = { code, message, ...(meaning.next === undefined ? {} : { next: meaning.next }) };
  if (way === 'back') return await wayBack(run, reason, problems);
  await recordState(run, 'held', { held: reason });
  const kind: OutcomeKind = way === 'stop' && !touched ? 'blocked' : 'held';
  return await conclude(run, { ...conclusion, kind, next: run.command(nextWhenHeld(meaning.next, marks)) });
}
