import type { Config } from '../config/config.ts';
import { originalOf } from '../effects/restore-tag.ts';
import { tagStrays } from '../mesh/tag-strays.ts';
import type { Journal } from '../model/journal.ts';
import type { Outcome, OutcomeKind } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import { lastStep, type StepName } from '../model/procedure.ts';
import { goalOf, planUpTo } from '../plan/goal.ts';
import { differencesOf, hashPlan } from '../plan/make-plan.ts';
import { precheck } from '../stages/1-precheck.ts';
import { moveTagAgain } from '../stages/3-move-tag.ts';
import { stagesFrom } from '../stages/index.ts';
import { PlanChanged } from './engine-errors.ts';
import { nextWhenHeld } from './next-when-held.ts';
import { planFor } from './plan-for.ts';
import { wayBack } from './roll-back.ts';
import { look, noMarks, note, outcome, type Run, tellProblems, whyInterrupted } from './run.ts';
import { type WalkEnd, walk } from './walk.ts';
import { whichWay } from './which-way.ts';

export interface UpgradeOptions {
  through?: string;
  /** Follow the plan as it would be made now, though it differs from the journal's. */
  replan?: boolean;
  /** Refuse to do anything but the plan with this hash. */
  expectPlan?: string;
  /** Bake a wave again that has a verdict against it. */
  rejudge?: boolean;
}

/** `upgrade`: goes on from wherever the cluster is, up to the goal; takes itself back when it must. */
export async function upgrade(run: Run, config: Config, options: UpgradeOptions = {}): Promise<Outcome> {
  try {
    return await upgradeLocked(run, config, options);
  } finally {
    await run.lock.release();
  }
}

/** Takes the lock after the checks: until then nothing is written, and whoever may not write is told so by name. */
async function upgradeLocked(run: Run, config: Config, options: UpgradeOptions): Promise<Outcome> {
  await run.lock.expectFree(run.signal);
  const old = await run.journal.load();
  if (old?.state === 'rolling-back') {
    await run.lock.acquire(run.signal, { above: old.epoch });
    return await wayBack(run);
  }
  const made = await planFor(run, config, old);
  // Once the old istiod goes, only the end is left: whatever befell the mesh, the plan is what it was.
  const { plan, problems, resumed } =
    made.resumed && old?.marks.removalBegan !== undefined
      ? { ...made, plan: { ...old.plan, token: made.plan.token }, problems: [] }
      : made;
  // Killed in its last write, or run once more: this upgrade was made, and its journal says so.
  if (old?.state === 'completed' && old.plan.to === plan.to && plan.from === plan.to)
    return await outcome(
      run,
      'nothing-to-do',
      old.plan,
      `The upgrade ${old.plan.from} -> ${old.plan.to} is complete already.`,
      '',
      [],
      '',
    );
  const planHash = hashPlan(plan);
  const wanted = options.expectPlan ?? (resumed && options.replan !== true ? old?.planHash : undefined);
  if (wanted !== undefined && wanted !== planHash)
    throw PlanChanged.of(wanted, planHash, resumed && old !== undefined ? differencesOf(old.plan, plan) : []);
  run.tell({
    kind: 'run-started',
    title: `${plan.versions.from} -> ${plan.versions.to}, tag ${plan.tag}, plan ${planHash}`,
    direction: 'forward',
    runId: resumed && old ? old.runId : run.runId,
    resumed,
  });
  const goal = goalOf(options.through, plan);
  const journal: Journal = {
    schema: 1,
    runId: run.runId,
    epoch: old?.epoch ?? 0,
    originals: [],
    marks: noMarks,
    history: old?.history ?? [],
    ...(resumed && old ? retried(old, options.rejudge === true) : {}),
    state: 'running',
    plan,
    planHash,
  };
  run.journal.draft(journal);
  if (problems.length > 0) {
    // Waves often fail in the shadow of what a check finds, such as a second webhook: both are told.
    const found = precheck.requires(await look(run, precheck.looksAt, plan), plan);
    const all = [...found, ...problems];
    return await stopped(run, plan, { end: 'stopped', stage: precheck, problems: all, touched: false }, config.on);
  }
  const upTo = planUpTo(plan, goal);
  // The old istiod is going: the checks of the way here no longer hold, and the only way is to the end.
  if (journal.marks.removalBegan !== undefined) {
    await run.lock.acquire(run.signal, { above: journal.epoch });
    await run.journal.begin();
    const { tags } = await look(run, ['tags'], plan);
    const wasPutBack = tagStrays(tags, plan.tag, plan.to).length > 0;
    // What was born while it was put back has no istiod any more, and is restarted.
    const rest = [...(wasPutBack ? [moveTagAgain] : []), ...stagesFrom('upgrade-gateways')];
    return await concluded(run, upTo, await walk(run, rest, upTo), config.on, lastStep);
  }
  const checked = await walk(run, [precheck], upTo);
  if (checked.end !== 'reached') return await concluded(run, upTo, checked, config.on, goal.step);
  if (goal.step === precheck.step)
    return await outcome(
      run,
      'reached',
      upTo,
      'Every check passes; nothing was touched.',
      precheck.name,
      [],
      run.command('upgrade'),
    );
  await begin(run, plan, resumed);
  const end = await walk(run, stagesFrom('install-control-plane', goal.step), upTo);
  return await concluded(run, upTo, end, config.on, goal.step);
}

/** The first write of a run: the journal, with the tag's objects as they are now. */
async function begin(run: Run, plan: Plan, resumed: boolean): Promise<void> {
  await run.lock.acquire(run.signal, { above: run.journal.current.epoch });
  if (!resumed) {
    const { tags } = await look(run, ['tags'], plan);
    const originals = (tags.get(plan.tag) ?? []).map(originalOf);
    run.journal.draft({ ...run.journal.current, originals });
  }
  await run.journal.begin();
}

/** A new run is a person's decision to try again: what could not be judged is baked once more; a fail only if asked. */
function retried({ held: _held, intent: _intent, ...journal }: Journal, rejudge: boolean): Journal {
  const waves = Object.entries(journal.marks.waves).map(([wave, marks]) => {
    const verdict = marks.verdict?.verdict;
    if (verdict !== 'inconclusive' && !(verdict === 'fail' && rejudge)) return [wave, marks];
    const { verdict: _verdict, readyAt: _readyAt, ...kept } = marks;
    return [wave, kept];
  });
  return { ...journal, marks: { ...journal.marks, waves: Object.fromEntries(waves) } };
}

async function concluded(run: Run, plan: Plan, end: WalkEnd, policy: Config['on'], goal: StepName): Promise<Outcome> {
  if (end.end === 'stopped') return await stopped(run, plan, end, policy);
  if (end.end === 'interrupted') {
    const where = whyInterrupted(run, `in stage ${end.stage.number}, ${end.stage.name}`);
    const message = `${where}; nothing is in flight.`;
    if (end.stage.step !== precheck.step) await note(run, 'running', { code: 'INTERRUPTED', message });
    return await outcome(run, 'interrupted', plan, message, end.stage.name, [], run.command('upgrade'));
  }
  if (goal === lastStep) {
    await note(run, 'completed', undefined, `completed ${plan.from} -> ${plan.to}`);
    return await outcome(
      run,
      'completed',
      plan,
      `Every proxy runs ${plan.to}; istiod ${plan.from} is removed.`,
      end.stage.name,
      [],
      '',
    );
  }
  await note(run, 'waiting');
  return await outcome(
    run,
    'reached',
    plan,
    `Everything up to ${end.stage.name} is done; both control planes run.`,
    end.stage.name,
    [],
    run.command('upgrade'),
  );
}

async function stopped(
  run: Run,
  plan: Plan,
  end: Extract<WalkEnd, { end: 'stopped' }>,
  policy: Config['on'],
): Promise<Outcome> {
  const { stage, problems, touched } = end;
  const [first] = problems;
  if (first === undefined) throw new Error('a walk stopped without a problem');
  if (stage.step === precheck.step) {
    tellProblems(run, end, 'stop; nothing was touched');
    return await outcome(run, 'blocked', plan, first.message, stage.name, problems, run.command('check'));
  }
  const way = whichWay(first.code, await look(run, ['tags'], plan), run.journal.current.marks, plan, policy);
  tellProblems(run, end, way === 'back' ? 'go back' : 'hold');
  if (way === 'back') return await wayBack(run, { code: first.code, message: first.message }, problems);
  await note(run, 'held', { code: first.code, message: first.message });
  const kind: OutcomeKind = way === 'stop' && !touched ? 'blocked' : 'held';
  const next = run.command(nextWhenHeld(first.code, run.journal.current.marks));
  return await outcome(run, kind, plan, first.message, stage.name, problems, next);
}
