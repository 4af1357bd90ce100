import { describe, expect, it } from 'vitest';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { statusOf } from '../../src/engine/status.ts';
import { CustomResourceDefinitions } from '../../src/ports/kinds.ts';
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
    // The next upgrade finds CRDs of its own release, and writes them as ever.
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

  it('is rolled back to the newer release when the older one fails requests', async () => {
    const sim = await upgradedMesh();
    sim.traffic.setErrorRatio({ revision: Old, ratio: 0.3 });
    const run = await goDown(sim);
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(podsIn(sim)).toEqual(seedPods(New));
    expect(tagIn(sim)).toEqual(tagAt(New));
    expect(controlPlanesIn(sim)).toContain(`istiod-${New}`);
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

  it('has the direction of its plan in the status', async () => {
    const sim = await upgradedMesh();
    await goUpgrade(sim, { config: downgrade(), runId: 'run2', version: oldVersion, through: 'canary' });
    let status: Awaited<ReturnType<typeof statusOf>> | undefined;
    await go(sim, async (run) => {
      status = await statusOf(run, 'istio-system');
      return { kind: 'nothing-to-do' } as never;
    }).catch(() => undefined);
    expect(status?.run).toMatchObject({ state: 'waiting', from: New, to: Old, whenHeld: 'upgrade' });
  });
});
