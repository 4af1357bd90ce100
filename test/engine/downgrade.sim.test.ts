import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { simRun } from '../../harness/rehearsal/backends/sim-run.ts';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { removeNew } from '../../src/engine/roll-back.ts';
import { statusOf } from '../../src/engine/status.ts';
import type { TimedEvent } from '../../src/model/events.ts';
import { CustomResourceDefinitions } from '../../src/ports/kinds.ts';
import { statusVerdict } from '../../src/report/render-status.ts';
import {
  configOf,
  controlPlanesIn,
  type Ended,
  go,
  goBack,
  goCheck,
  goUpgrade,
  journalIn,
  New,
  Old,
  podsIn,
  seedPods,
  servingMesh,
  tagAt,
  tagIn,
} from './engine-fixtures.ts';

const seed = 152;
const oldVersion = '1.30.4';
const newVersion = '1.31.0';

const downgrade = (target = 'allowDowngrade: true') => configOf({ version: oldVersion, target });

/** A mesh on the newer release, after an upgrade that is complete. */
async function upgradedMesh(): Promise<Sim> {
  const sim = await servingMesh({ seed });
  expect((await goUpgrade(sim)).kind).toBe('completed');
  await sim.advance(6 * 60_000);
  return sim;
}

const goDown = (sim: Sim, config = downgrade(), runId = 'run2'): Promise<Ended> =>
  goUpgrade(sim, { config, runId, version: oldVersion });

const definitionVersions = (sim: Sim): ReadonlySet<string | undefined> =>
  new Set(
    sim.store.list(CustomResourceDefinitions).map(({ metadata }) => metadata.labels?.['operator.istio.io/version']),
  );

describe(`a downgrade after a complete upgrade (seed ${seed})`, () => {
  it('goes to the release before by the same eight stages, and removes the newer istiod', async () => {
    const sim = await upgradedMesh();
    const run = await goDown(sim);
    expect(run).toMatchObject({ kind: 'completed', codes: [] });
    const stages = run.events.flatMap((event) => (event.kind === 'stage-done' ? [event.number] : []));
    expect(stages).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(podsIn(sim)).toEqual(seedPods(Old));
    expect(tagIn(sim)).toEqual(tagAt(Old));
    expect(controlPlanesIn(sim)).toEqual([`istiod-${Old}`]);
    expect(journalIn(sim)).toMatchObject({
      state: 'completed',
      plan: { from: New, to: Old },
      history: [`completed ${Old} -> ${New}`, `completed ${New} -> ${Old}`].map((text) =>
        expect.stringContaining(text),
      ),
    });
  });

  it('leaves the CRDs of the newer release as they are, and says so', async () => {
    const sim = await upgradedMesh();
    expect(definitionVersions(sim)).toEqual(new Set([newVersion]));
    const run = await goDown(sim);
    expect(run.effects).toContain(`install istiod ${Old}, and leave the newer CRDs as they are`);
    expect(definitionVersions(sim)).toEqual(new Set([newVersion]));
    // The next upgrade finds CRDs that are not newer than its target, and writes its own.
    const again = await goUpgrade(sim, { runId: 'run3' });
    expect(again.kind).toBe('completed');
    expect(again.effects).toContain(`install istiod ${New}`);
  });

  it('is what `check` describes as such, by findings that do not block', async () => {
    const sim = await upgradedMesh();
    const { findings } = await goCheck(sim, downgrade(), { version: oldVersion });
    expect(findings.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
      'warns DOWNGRADE_ALLOWED',
      'warns DEFINITIONS_NEWER',
    ]);
  });

  it('is refused without target.allowDowngrade before anything is written', async () => {
    const sim = await upgradedMesh();
    const before = journalIn(sim);
    const run = await goDown(sim, downgrade(''));
    expect(run).toMatchObject({ kind: 'blocked', codes: ['DOWNGRADE'], effects: [], writes: 0 });
    expect(run.outcome?.problems[0]?.fix).toContain('target.allowDowngrade: true');
    expect(journalIn(sim)).toEqual(before);
    expect(tagIn(sim)).toEqual(tagAt(New));
  });

  it('is refused with the istioctl of the newer release, whose charts are those of another istiod', async () => {
    const sim = await upgradedMesh();
    const run = await goUpgrade(sim, { config: downgrade(), runId: 'run2', version: newVersion });
    expect(run).toMatchObject({ kind: 'blocked', codes: ['ISTIOCTL_WRONG_RELEASE'], writes: 0 });
  });

  it('is rolled back to the newer release when the older one fails requests, and the older istiod can be removed', async () => {
    const sim = await upgradedMesh();
    sim.traffic.setErrorRatio({ revision: Old, isGateway: false, ratio: 0.3 });
    const run = await goDown(sim);
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(podsIn(sim)).toEqual(seedPods(New));
    expect(tagIn(sim)).toEqual(tagAt(New));
    const removed = await go(sim, (each) => removeNew(each), { runId: 'run3', version: oldVersion });
    expect(removed.kind).toBe('completed');
    expect(controlPlanesIn(sim)).toEqual([`istiod-${New}`]);
  });

  it('goes on after an interruption, although the permission is not in the config any more', async () => {
    const sim = await upgradedMesh();
    const cut = await goUpgrade(sim, {
      config: downgrade(),
      runId: 'run2',
      version: oldVersion,
      disturb: { at: ({ kind }) => kind === 'verdict', how: 'interrupt' },
    });
    expect(cut.kind).toBe('interrupted');
    expect(await goDown(sim, downgrade(''), 'run3')).toMatchObject({ kind: 'completed' });
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('can be rolled back by request halfway, also with the istioctl of the older release', async () => {
    const sim = await upgradedMesh();
    const half = await goUpgrade(sim, { config: downgrade(), runId: 'run2', version: oldVersion, through: 'canary' });
    expect(half.kind).toBe('reached');
    expect(await goBack(sim, { runId: 'run3', version: oldVersion })).toMatchObject({ kind: 'rolled-back' });
    expect(podsIn(sim)).toEqual(seedPods(New));
  });

  it('is called a downgrade in the status and by the run', async () => {
    const sim = await upgradedMesh();
    const half = await goUpgrade(sim, { config: downgrade(), runId: 'run2', version: oldVersion, through: 'canary' });
    expect(half.events.find(({ kind }) => kind === 'run-started')).toMatchObject({
      title: expect.stringContaining(`${newVersion} -> ${oldVersion} (downgrade), tag default`),
    });
    const { run, cluster } = await sim.run(simRun(sim));
    const status = await sim.run(statusOf(run, 'istio-system'));
    await sim.run(cluster.close());
    expect(status.run).toMatchObject({ state: 'waiting', from: New, to: Old, isDowngrade: true, whenHeld: 'upgrade' });
    expect(statusVerdict(status)).toMatch(/^Downgrade 1-31-0 -> 1-30-4 \(run run2\): waiting/);
  });
});

/** What a person types, and has in the config. */
interface Step {
  verb: 'upgrade' | 'rollback';
  version: string;
  allowed: boolean;
}

/** The next step by the words of a hint alone: what it says to set, and the first command that it names. */
function follow(hint: string, { version, allowed }: Step): Step {
  const verb = /`(?:istio-canary-upgrade )?(upgrade|rollback)`/.exec(hint)?.[1];
  if (verb === undefined) throw new Error(`names no command: ${hint}`);
  // What comes after the command is for afterwards.
  const now = hint.startsWith('Finish') ? '' : hint;
  return {
    verb: verb as Step['verb'],
    version: /target\.version: (\d+\.\d+\.\d+)/.exec(now)?.[1] ?? version,
    allowed: allowed || now.includes('target.allowDowngrade: true'),
  };
}

/** Takes step after step as the hints say, until one is done; throws when a hint leads back to a step that was taken. */
async function followHints(sim: Sim, first: Step): Promise<{ taken: readonly Step[]; end: string }> {
  const taken: Step[] = [];
  for (let step = first; ; ) {
    if (taken.some((before) => isDeepStrictEqual(before, step)))
      throw new Error(`the hints lead in a circle: ${JSON.stringify([...taken, step])}`);
    taken.push(step);
    const config = configOf({ version: step.version, target: step.allowed ? 'allowDowngrade: true' : '' });
    const options = { config, version: step.version, runId: `step${taken.length}` };
    const ended = step.verb === 'upgrade' ? await goUpgrade(sim, options) : await goBack(sim, options);
    if (ended.kind !== 'blocked' && ended.kind !== 'thrown') return { taken, end: ended.kind };
    expect(ended.writes).toBe(0);
    step = follow(ended.failure?.hint ?? ended.outcome?.problems[0]?.fix ?? '', step);
  }
}

const up = { verb: 'upgrade', version: newVersion, allowed: false } as const;
const down = { verb: 'upgrade', version: oldVersion, allowed: true } as const;
const back = { verb: 'rollback', version: newVersion, allowed: false } as const;

describe(`the hints that lead to the release before (seed ${seed})`, () => {
  it('lead from a rollback after the end to a downgrade that completes', async () => {
    const sim = await upgradedMesh();
    expect(await followHints(sim, back)).toEqual({ taken: [back, down], end: 'completed' });
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('lead from an older target that is not allowed to a downgrade that completes', async () => {
    const sim = await upgradedMesh();
    const first: Step = { ...down, allowed: false };
    expect(await followHints(sim, first)).toEqual({ taken: [first, down], end: 'completed' });
  });

  it('lead from a rollback after a downgrade to an ordinary upgrade that completes', async () => {
    const sim = await upgradedMesh();
    expect((await goDown(sim)).kind).toBe('completed');
    await sim.advance(6 * 60_000);
    const first: Step = { ...back, version: oldVersion };
    expect(await followHints(sim, first)).toEqual({ taken: [first, up], end: 'completed' });
    expect(podsIn(sim)).toEqual(seedPods(New));
  });

  it('lead from an older target in the middle of an upgrade to its rollback', async () => {
    const sim = await servingMesh({ seed });
    expect((await goUpgrade(sim, { through: 'canary' })).kind).toBe('reached');
    const first: Step = { ...down, version: '1.29.2' };
    expect(await followHints(sim, first)).toMatchObject({ taken: [first, { verb: 'rollback' }], end: 'rolled-back' });
  });

  it('lead from a rollback while the old istiod is being removed to the end of the upgrade first', async () => {
    const sim = await servingMesh({ seed });
    const at = (event: TimedEvent) => event.kind === 'effect-done' && event.effect.kind === 'uninstall';
    expect((await goUpgrade(sim, { disturb: { at, how: 'kill' } })).kind).toBe('killed');
    const { code, hint } = (await goBack(sim, { runId: 'run2' })).failure ?? {};
    expect(code).toBe('TOO_LATE_TO_ROLL_BACK');
    expect(hint).toMatch(
      /^Finish the upgrade with `upgrade`\. To go back afterwards: Set target\.version: 1\.30\.4, and/,
    );
    expect(await followHints(sim, { ...back })).toEqual({ taken: [back, up], end: 'completed' });
    const other = await goUpgrade(sim, { config: downgrade(), runId: 'run4', version: oldVersion });
    expect(other.kind).toBe('completed');
  });

  it('do not begin a rollback after the end when another tool has removed the old istiod', async () => {
    const sim = await servingMesh({ seed });
    // The last wave is judged, so that nothing but stage 8 is left.
    expect((await goUpgrade(sim, { through: 'rest' })).kind).toBe('reached');
    await sim.run(sim.istioctl(newVersion).installer.remove({ revision: Old, version: '1.30.4' }));
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
    expect(await goBack(sim, { runId: 'run3' })).toMatchObject({ kind: 'thrown', codes: ['TOO_LATE_TO_ROLL_BACK'] });
    expect(journalIn(sim)?.state).toBe('completed');
  });
});
