import type { Config } from '../config/config.ts';
import {
  ClusterDiffers,
  IstioctlTooOld,
  NothingToRemove,
  NoUpgradeToRollBack,
  OtherUpgradeUnfinished,
  PlanChanged,
  TooLateToRollBack,
} from '../errors/engine-errors.ts';
import type { Problem } from '../mesh/finding.ts';
import { observe } from '../mesh/observe.ts';
import { Recent } from '../mesh/recent.ts';
import { isOlder } from '../mesh/releases.ts';
import type { Aspect, World } from '../mesh/world.ts';
import { goalOf, planUpTo } from '../plan/goal.ts';
import { differencesOf, hashPlan, makePlan, revisionOfTag } from '../plan/make-plan.ts';
import { type Plan, reversed } from '../plan/plan.ts';
import { podsElsewhere } from '../rollout/next-restarts.ts';
import { back, forward } from '../stages/index.ts';
import { isFinished, type Journal, type JournalState } from './journal.ts';
import type { Outcome, OutcomeKind } from './outcome.ts';
import { type WalkEnd, type Walker, walk } from './walk.ts';
import { tagHasMoved, whichWay } from './which-way.ts';

export interface Run extends Walker {
  runId: string;
  tag: string;
  /** What to type next for a verb, with this run's own options. */
  command(verb: string): string;
}

export interface UpgradeOptions {
  through?: string;
  /** Follow the plan as it would be made now, though it differs from the journal's. */
  replan?: boolean;
  /** Refuse to do anything but the plan with this hash. */
  expectPlan?: string;
  /** Bake a wave again that has a verdict against it. */
  rejudge?: boolean;
}

const planAspects: readonly Aspect[] = ['identity', 'controlPlanes', 'tags', 'webhooks', 'namespaces', 'workloads'];
const noMarks = { waves: {} };

/** Looks at what a plan needs, before there is one. */
export async function observeForPlan({ eyes, clock }: Pick<Walker, 'eyes' | 'clock'>, config: Config): Promise<World> {
  const { plan } = makePlan(emptyWorld, config, '', 'none');
  return await observe(eyes, planAspects, plan, { marks: noMarks, unchangedForMs: 0 }, new Recent(clock, 0));
}

const emptyWorld = {
  identity: { clusterUid: '', kubernetesVersion: '' },
  controlPlanes: new Map(),
  tags: new Map(),
  webhooks: [],
  namespaces: new Map(),
  workloads: [],
};

/** The plan for a config: of the unfinished journal's upgrade if there is one, else of a new one. */
export async function planFor(
  run: Run,
  config: Config,
  journal: Journal | undefined,
): Promise<{ plan: Plan; problems: readonly Problem[]; resumed: boolean }> {
  const world = await observeForPlan(run, config);
  const unfinished = journal !== undefined && !isFinished(journal) ? journal : undefined;
  if (unfinished !== undefined) {
    if (unfinished.plan.clusterUid !== world.identity.clusterUid)
      throw ClusterDiffers.of(unfinished.plan.clusterUid, world.identity.clusterUid);
    if (unfinished.plan.to !== config.target.revision)
      throw OtherUpgradeUnfinished.of(
        config.mesh.tag,
        `${unfinished.plan.from} -> ${unfinished.plan.to}`,
        `-> ${config.target.revision}`,
      );
  }
  const from = unfinished?.plan.from ?? revisionOfTag(world, config.mesh.tag) ?? '';
  const made = makePlan(world, config, from, unfinished?.runId ?? run.runId);
  const versions =
    unfinished === undefined
      ? made.plan.versions
      : { ...made.plan.versions, from: made.plan.versions.from || unfinished.plan.versions.from };
  return { plan: { ...made.plan, versions }, problems: made.problems, resumed: unfinished !== undefined };
}

/** `upgrade`: goes on from wherever the cluster is, up to the goal; takes itself back when it must. */
export async function upgrade(run: Run, config: Config, options: UpgradeOptions = {}): Promise<Outcome> {
  const old = await run.journal.load();
  if (old?.state === 'rolling-back') return await rollBack(run);
  const { plan, problems, resumed } = await planFor(run, config, old);
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
  const goal = goalOf(options.through, plan, forward);
  if (problems.length > 0)
    return await stopped(run, plan, { end: 'stopped', stage: stageOf(1), problems, touched: false }, config.on);

  const journal: Journal = {
    schema: 1,
    runId: run.runId,
    epoch: 0,
    originals: [],
    marks: noMarks,
    history: old?.history ?? [],
    ...(resumed && old ? retried(old, options.rejudge === true) : {}),
    state: 'running',
    plan,
    planHash,
  };
  run.journal.draft(journal);
  const upTo = planUpTo(plan, goal);
  const checked = await walk(run, forward.slice(0, 1), upTo);
  if (checked.end !== 'reached') return await concluded(run, upTo, checked, config.on, goal.stage);
  if (goal.stage === 1)
    return await outcome(
      run,
      'reached',
      upTo,
      'Every check passes; nothing was touched.',
      'precheck',
      [],
      run.command('upgrade'),
    );
  await begin(run, plan, resumed);
  const end = await walk(
    run,
    forward.slice(1).filter(({ number }) => number <= goal.stage),
    upTo,
  );
  return await concluded(run, upTo, end, config.on, goal.stage);
}

const stageOf = (number: number) => forward[number - 1] ?? raise(`there is no stage ${number}`);

function raise(message: string): never {
  throw new Error(message);
}

/** The first write of a run: the journal, with the tag's objects as they are now. */
async function begin(run: Run, plan: Plan, resumed: boolean): Promise<void> {
  if (!resumed) {
    const { tags } = await look(run, ['tags'], plan);
    const originals = (tags.get(plan.tag) ?? []).map(({ object: { metadata, ...rest } }) => {
      const { managedFields: _managers, resourceVersion: _version, ...kept } = metadata;
      return { ...rest, metadata: kept };
    });
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

async function look(run: Run, aspects: readonly Aspect[], plan: Plan): Promise<World> {
  return await observe(
    run.eyes,
    aspects,
    plan,
    { marks: run.journal.current.marks, unchangedForMs: 0 },
    new Recent(run.clock, 0),
  );
}

async function concluded(run: Run, plan: Plan, end: WalkEnd, policy: Config['on'], goal: number): Promise<Outcome> {
  if (end.end === 'stopped') return await stopped(run, plan, end, policy);
  if (end.end === 'interrupted') {
    const message = `Interrupted in stage ${end.stage.number}, ${end.stage.name}; nothing is in flight.`;
    if (end.stage.number > 1) await note(run, 'running', { code: 'INTERRUPTED', message });
    return await outcome(run, 'interrupted', plan, message, end.stage.name, [], run.command('upgrade'));
  }
  if (goal === 8) {
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
  if (stage.number === 1) {
    tellProblems(run, end, 'stop; nothing was touched');
    return await outcome(run, 'blocked', plan, first.message, stage.name, problems, run.command('check'));
  }
  const way = whichWay(first.code, await look(run, ['tags'], plan), run.journal.current.marks, plan, policy);
  tellProblems(run, end, way === 'back' ? 'go back' : 'hold');
  if (way === 'back') return await rollBack(run, { code: first.code, message: first.message }, problems);
  await note(run, 'held', { code: first.code, message: first.message });
  const kind: OutcomeKind = way === 'stop' && !touched ? 'blocked' : 'held';
  return await outcome(run, kind, plan, first.message, stage.name, problems, run.command('upgrade'));
}

function tellProblems(run: Run, { stage, problems }: Extract<WalkEnd, { end: 'stopped' }>, decision: string): void {
  for (const each of problems)
    run.tell({ kind: 'problem', number: stage.number, name: stage.name, problem: each, decision });
}

/** `rollback`: the tag at once, then the gateways and all that runs the new revision; resumable like the way forward. */
export async function rollBack(
  run: Run,
  reason = { code: 'ASKED', message: 'a person asked for it' },
  problems: readonly Problem[] = [],
): Promise<Outcome> {
  const { journal } = run;
  if (problems.length === 0) await journal.load();
  const current = await loaded(run);
  if (current.marks.removalBegan !== undefined) throw TooLateToRollBack.of(current.plan.from);
  await expectNewerIstioctl(run, current.plan.versions.to);
  // The tag first: everything else can wait, and its own stage looks no further than it must.
  const plan = reversed(current.plan, []);
  await journal.update((old) => ({
    ...old,
    state: 'rolling-back',
    held: old.held ?? { ...reason, at: run.eyes.cluster.now() },
  }));
  run.tell({
    kind: 'run-started',
    title: `${plan.versions.from} -> ${plan.versions.to}, tag ${plan.tag}`,
    direction: 'back',
    runId: current.runId,
    resumed: current.state === 'rolling-back',
  });
  const tag = await walk(run, back.slice(0, 1), plan);
  const end =
    tag.end === 'reached'
      ? await walk(run, back.slice(1), reversed(current.plan, await others(run, current.plan)))
      : tag;
  if (end.end === 'interrupted')
    return await outcome(
      run,
      'interrupted',
      plan,
      `Interrupted on the way back, in ${end.stage.name}.`,
      end.stage.name,
      problems,
      run.command('rollback'),
    );
  if (end.end === 'stopped') {
    tellProblems(run, end, 'hold');
    return await outcome(
      run,
      'rollback-held',
      plan,
      end.problems[0]?.message ?? '',
      end.stage.name,
      [...problems, ...end.problems],
      run.command('rollback'),
    );
  }
  await note(run, 'rolled-back', undefined, `rolled back ${plan.from} -> ${plan.to}: ${reason.code}`);
  return await outcome(
    run,
    'rolled-back',
    plan,
    `Everything runs ${plan.to} again. Why: ${reason.message}`,
    end.stage.name,
    problems,
    '',
  );
}

async function loaded(run: Run): Promise<Journal> {
  const journal = run.journal.peek();
  if (journal === undefined) throw NoUpgradeToRollBack.of(run.tag);
  if (journal.state === 'rolled-back') throw NoUpgradeToRollBack.of(journal.plan.tag);
  const { identity } = await look(run, ['identity'], journal.plan);
  if (identity.clusterUid !== journal.plan.clusterUid)
    throw ClusterDiffers.of(journal.plan.clusterUid, identity.clusterUid);
  return journal;
}

/** An istioctl older than the one that moved the tag forward moves only part of it back (istio/istio#56963). */
async function expectNewerIstioctl({ eyes }: Run, atLeast: string): Promise<void> {
  const version = await eyes.istioctl.version();
  if (isOlder(version, atLeast)) throw IstioctlTooOld.of(version, atLeast);
}

/** Namespaces of no wave whose pods were born with the new proxy while the tag named it. */
async function others(run: Run, plan: Plan): Promise<readonly string[]> {
  const { workloads } = await look(run, ['workloads'], plan);
  const planned = new Set(plan.waves.flatMap(({ namespaces }) => namespaces));
  const leaked = workloads.filter(
    (workload) =>
      workload.follows?.tag === plan.tag && !planned.has(workload.namespace) && podsElsewhere(workload, plan.from) > 0,
  );
  return [...new Set(leaked.map(({ namespace }) => namespace))].sort();
}

/** `rollback --remove-new`: stage 8 for the revision that was taken back, with all its proofs. */
export async function removeNew(run: Run): Promise<Outcome> {
  const journal = await run.journal.load();
  if (journal?.state !== 'rolled-back') throw NothingToRemove.of(journal?.state ?? 'absent');
  const plan = reversed(journal.plan, []);
  await run.journal.update((old) => ({ ...old, marks: noMarks }));
  const end = await walk(run, forward.slice(7), plan);
  if (end.end === 'reached') {
    await note(run, 'rolled-back', undefined, `removed ${plan.from}`);
    return await outcome(
      run,
      'completed',
      plan,
      `istiod ${plan.from} is removed; everything runs ${plan.to}.`,
      end.stage.name,
      [],
      '',
    );
  }
  if (end.end === 'interrupted')
    return await outcome(
      run,
      'interrupted',
      plan,
      'Interrupted while removing the new revision.',
      end.stage.name,
      [],
      run.command('rollback --remove-new'),
    );
  tellProblems(run, end, 'hold');
  return await outcome(
    run,
    'held',
    plan,
    end.problems[0]?.message ?? '',
    end.stage.name,
    end.problems,
    run.command('rollback --remove-new'),
  );
}

/** `finalize`: what remains to be done after a run that was killed or cancelled, by policy. */
export async function finalize(run: Run, policy: Config['on']): Promise<Outcome> {
  const journal = await run.journal.load();
  if (journal === undefined)
    return {
      kind: 'nothing-to-do',
      message: 'No upgrade is under way.',
      stage: '',
      wave: '',
      verdict: '',
      revision: '',
      problems: [],
      next: '',
    };
  if (journal.state === 'rolling-back') return await rollBack(run);
  const world = await look(run, ['tags'], journal.plan);
  const killed = journal.state === 'running';
  const canGoBack = journal.marks.removalBegan === undefined && tagHasMoved(world, journal.plan);
  if (killed && policy.cancel === 'rollback' && canGoBack)
    return await rollBack(run, { code: 'CANCELLED', message: 'the run was cancelled, and the policy says to go back' });
  if (killed) {
    const message = 'The run ended before its goal; both control planes run and nothing is in flight.';
    await note(run, 'held', { code: 'CANCELLED', message });
    return await outcome(run, 'held', journal.plan, message, '', [], run.command('upgrade'));
  }
  if (journal.state === 'held')
    return await outcome(
      run,
      'held',
      journal.plan,
      journal.held?.message ?? 'The run holds.',
      '',
      [],
      run.command('upgrade'),
    );
  return await outcome(
    run,
    'nothing-to-do',
    journal.plan,
    `The last run is ${journal.state}.`,
    '',
    [],
    journal.state === 'waiting' ? run.command('upgrade') : '',
  );
}

async function note(
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

async function outcome(
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
