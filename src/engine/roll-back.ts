import { ClusterDiffers } from '../checks/cluster.ts';
import { partOf } from '../effects/restore-tag.ts';
import { belongsTo } from '../mesh/belongs-to.ts';
import { namespacesThatLeft } from '../mesh/disturbances.ts';
import type { Problem } from '../model/finding.ts';
import type { Journal } from '../model/journal.ts';
import type { Outcome } from '../model/outcome.ts';
import { type Plan, reversed, tagParts } from '../model/plan.ts';
import { isOlder } from '../model/releases.ts';
import { isOfPlan } from '../model/restart-mark.ts';
import { messageOf } from '../model/upgrade-error.ts';
import { moveTagBack } from '../stages/3-move-tag.ts';
import { removeOldRevision } from '../stages/8-remove-old-revision.ts';
import { backAfterTag } from '../stages/index.ts';
import { IstioctlTooOld, NothingToRemove, NoUpgradeToRollBack, TooLateToRollBack } from './engine-errors.ts';
import { JournalNotWritten } from './journal-not-written.ts';
import { podsLeftBehind } from './left-behind.ts';
import { Asked, AwaitsOthers } from './reasons.ts';
import {
  conclude,
  describeAwaited,
  emitProblems,
  noMarks,
  type Reason,
  type Run,
  recordState,
  snapshot,
  whyInterrupted,
} from './run.ts';
import { SnapshotNews } from './snapshot-news.ts';
import { walk } from './walk.ts';

/** `rollback`: takes the lock of a run that died, and rolls back. */
export async function rollBack(run: Run): Promise<Outcome> {
  return await locked(run, async () => await wayBack(run));
}

/** Does the work under the lock, with the journal as it is then. */
async function locked(run: Run, work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    const seen = await run.journal.load();
    // Without anything to roll back, no lock is taken.
    if (seen !== undefined) {
      await run.lock.acquire(run.signal, { above: seen.epoch });
      await run.journal.load();
    }
    return await work();
  } finally {
    await run.lock.release();
  }
}

/** The tag at once, then the gateways and all that runs the new revision; resumable like the way forward. Needs the lock. */
export async function wayBack(
  run: Run,
  reason: Reason = { code: Asked.definition.code, message: 'a person asked for it' },
  problems: readonly Problem[] = [],
): Promise<Outcome> {
  const { journal } = run;
  const current = await loaded(run);
  const isComplete = current.state === 'completed';
  if (isComplete || current.marks.removalBegan !== undefined) throw TooLateToRollBack.of(current.plan, isComplete);
  const plan = await planBack(run);
  journal.goOnUnwritten();
  // Who asked for a pause or an abort asked it of the way forward.
  run.lock.settleRequest();
  await journal.update((old) => ({
    ...old,
    state: 'rolling-back',
    held: old.held ?? { ...reason, at: run.ports.cluster.now() },
  }));
  run.emit({
    kind: 'run-started',
    title: `${plan.versions.from} -> ${plan.versions.to}, tag ${plan.tag}`,
    direction: 'back',
    runId: current.runId,
    resumed: current.state === 'rolling-back',
  });
  // The tag first: everything else can wait, and its own stage looks no further than it must.
  const tagBack = await walk(run, [moveTagBack], plan);
  const end = tagBack.end === 'reached' ? await walk(run, backAfterTag(plan), plan) : tagBack;
  const stage = end.stage.name;
  if (end.end === 'interrupted') {
    const message = `${whyInterrupted(run, `during the rollback, in ${stage}`)}.`;
    return await conclude(run, { kind: 'interrupted', plan, message, stage, problems, next: run.command('rollback') });
  }
  if (end.end === 'waiting') throw new Error(`no stage of a rollback waits for others, and ${stage} did`);
  await run.ports.cluster.refresh();
  const world = await snapshot(run, ['namespaces', 'workloads', 'loosePods'], plan);
  new SnapshotNews(run.emit).see(end.stage.number, world, plan);
  if (end.end === 'stopped') {
    emitProblems(run, end, 'hold');
    return await rollbackHeld(run, plan, stage, [...end.problems, ...podsLeftBehind(world, plan, [])], problems);
  }
  const left = [...podsLeftBehind(world, plan, end.setAside), ...namespacesThatLeft(world, plan)];
  if (left.length > 0) {
    emitProblems(run, { stage: end.stage, problems: left }, 'hold');
    return await rollbackHeld(run, plan, stage, [...left, ...end.setAside], problems);
  }
  await recordState(run, 'rolled-back', { history: `rolled back ${plan.from} -> ${plan.to}: ${reason.code}` });
  if (journal.unwritten !== undefined) {
    const unwritten = JournalNotWritten.of(
      `Everything runs ${plan.to} again, but the journal could not be written: ${messageOf(journal.unwritten)}`,
    );
    emitProblems(run, { stage: end.stage, problems: [unwritten] }, 'hold');
    return await rollbackHeld(run, plan, stage, [unwritten, ...end.setAside], problems);
  }
  const message = `Everything runs ${plan.to} again. Why: ${reason.message}`;
  return await conclude(run, { kind: 'rolled-back', plan, message, stage, problems: [...problems, ...end.setAside] });
}

/**
 * The plan of the rollback. Pods that were created while their namespace had left the tag have no proxy, although their workload was
 * restarted: this run restarts it once more, under its own name.
 */
async function planBack(run: Run): Promise<Plan> {
  const plan = reversedAsOf(run.journal.current);
  const { workloads } = await snapshot(run, ['workloads'], plan);
  const isBare = workloads.some(
    (workload) =>
      isOfPlan(workload.restartedBy, plan) &&
      belongsTo(workload, plan) &&
      workload.pods.has('none') &&
      !plan.bare.includes(workload.id),
  );
  return isBare ? { ...plan, runId: run.runId } : plan;
}

/** The plan of the way back, with what the tag did not have when the upgrade began, if the journal says what it had. */
function reversedAsOf({ plan, originals }: Journal): Plan {
  if (originals.length === 0) return reversed(plan);
  const had = new Set(originals.map(partOf));
  return { ...reversed(plan), tagLacks: tagParts.filter((part) => !had.has(part)) };
}

/** @param before the problems for which the run rolls back */
async function rollbackHeld(
  run: Run,
  plan: Plan,
  stage: string,
  problems: readonly Problem[],
  before: readonly Problem[],
): Promise<Outcome> {
  return await conclude(run, {
    kind: 'rollback-held',
    plan,
    message: problems[0]?.message ?? '',
    stage,
    problems: [...before, ...problems],
    next: run.command('rollback'),
  });
}

async function loaded(run: Run): Promise<Journal> {
  // A run that turns around, and the verbs that looked before, have the newest one; compare-and-swap would tell otherwise.
  const journal = run.journal.peek() ?? (await run.journal.load());
  if (journal === undefined) throw NoUpgradeToRollBack.of(run.tag, undefined);
  const { from, to, tag } = journal.plan;
  if (journal.state === 'rolled-back') throw NoUpgradeToRollBack.of(tag, `${from} -> ${to}`);
  const { identity } = await snapshot(run, ['identity'], journal.plan);
  if (identity.clusterUid !== journal.plan.clusterUid)
    throw ClusterDiffers.of(journal.plan.clusterUid, identity.clusterUid);
  return journal;
}

/** What a release installed must be removed by a binary of that release or a newer one. */
async function expectToolNotOlder({ ports }: Run, atLeast: string): Promise<void> {
  const version = await ports.meshTool.version();
  if (isOlder(version, atLeast)) throw IstioctlTooOld.of(version, atLeast);
}

/** `rollback --remove-new`: stage 8 for the revision that was rolled back, with all its proofs. */
export async function removeNew(run: Run): Promise<Outcome> {
  return await locked(run, async () => await removeTakenBack(run));
}

async function removeTakenBack(run: Run): Promise<Outcome> {
  const journal = run.journal.peek();
  if (journal?.state !== 'rolled-back') throw NothingToRemove.of(journal?.state ?? 'absent');
  await expectToolNotOlder(run, journal.plan.versions.to);
  const plan = reversedAsOf(journal);
  // What an interrupted removal had begun is to be finished, also by what it left behind.
  await run.journal.update(({ marks: { removalBegan, installed }, ...old }) => ({
    ...old,
    marks: {
      ...noMarks,
      ...(installed === undefined ? {} : { installed }),
      ...(removalBegan === undefined ? {} : { removalBegan }),
    },
  }));
  const end = await walk(run, [removeOldRevision], plan);
  const stage = end.stage.name;
  const next = run.command('rollback --remove-new');
  if (end.end === 'reached') {
    await run.journal.update((old) => ({ ...old, marks: noMarks }));
    await recordState(run, 'rolled-back', { history: `removed ${plan.from}` });
    const message = `istiod ${plan.from} is removed; everything runs ${plan.to}.`;
    return await conclude(run, { kind: 'completed', plan, message, stage });
  }
  if (end.end === 'waiting') {
    const message = describeAwaited(end);
    return await conclude(run, { kind: 'waiting', plan, message, stage, reason: AwaitsOthers.definition.code, next });
  }
  if (end.end === 'interrupted') {
    const message = `${whyInterrupted(run, 'while removing the new revision')}.`;
    return await conclude(run, { kind: 'interrupted', plan, message, stage, next });
  }
  emitProblems(run, end, 'hold');
  const { problems } = end;
  return await conclude(run, { kind: 'held', plan, message: problems[0]?.message ?? '', stage, problems, next });
}
