import { describe, expect, it } from 'vitest';
import { finalize } from '../../src/engine/finalize.ts';
import {
  go,
  goUpgrade,
  journalIn,
  New,
  Old,
  podsIn,
  seedPods,
  servingMesh,
  tagAt,
  tagIn,
  Watcher,
} from './engine-fixtures.ts';

const seed = 18;
const hold = { failure: 'rollback', cancel: 'hold', inconclusive: 'hold' } as const;
const rollback = { ...hold, cancel: 'rollback' } as const;
const killedInWave = {
  disturb: {
    how: 'kill',
    at: (event: { kind: string; effect?: { kind: string } }) =>
      event.kind === 'effect-done' && event.effect?.kind === 'begin-bake',
  },
} as const;

describe(`SIGINT (seed ${seed})`, () => {
  it.for([
    { when: 'before the tag moves', afterMs: 1_500 },
    { when: 'while the canary bakes', afterMs: 60_000 },
  ])('$when starts nothing afterwards, and the next run completes the upgrade', async ({ afterMs }) => {
    const sim = await servingMesh({ seed });
    const watcher = new Watcher(sim);
    const at = sim.clock.now() + afterMs;
    const first = await goUpgrade(sim, { interruptAfterMs: afterMs });
    expect(first.kind).toBe('interrupted');
    expect(first.events.filter(({ kind, at: when }) => kind === 'effect-started' && when > at)).toEqual([]);
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
    expect(podsIn(sim)).toEqual(seedPods(New));
    expect(watcher.restartedTwice).toEqual([]);
  });
});

describe(`finalize after a run that was killed (seed ${seed})`, () => {
  it('holds by default: the mesh stays as it is, and the next run goes on', async () => {
    const sim = await servingMesh({ seed });
    expect((await goUpgrade(sim, killedInWave)).kind).toBe('killed');
    const before = podsIn(sim);
    expect((await go(sim, (run) => finalize(run, hold, { after: 'cancelled' }), { runId: 'run2' })).kind).toBe('held');
    expect(podsIn(sim)).toEqual(before);
    expect(journalIn(sim)).toMatchObject({ state: 'held', held: { code: 'CANCELLED' } });
    expect((await go(sim, (run) => finalize(run, rollback, { after: 'cancelled' }), { runId: 'run3' })).kind).toBe(
      'held',
    );
    expect((await goUpgrade(sim, { runId: 'run4' })).kind).toBe('completed');
  });

  it('rolls the upgrade back when the policy says so', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, killedInWave);
    expect((await go(sim, (run) => finalize(run, rollback, { after: 'cancelled' }), { runId: 'run2' })).kind).toBe(
      'rolled-back',
    );
    expect(tagIn(sim)).toEqual(tagAt(Old));
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('follows on.failure, not on.cancel, after a run that died', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, killedInWave);
    const policy = { ...hold, failure: 'rollback' as const };
    const ended = await go(sim, (run) => finalize(run, policy, { after: 'failed' }), { runId: 'run2' });
    expect(ended.kind).toBe('rolled-back');
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('leaves alone what another run has written since', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, { ...killedInWave, runId: 'run1' });
    const before = journalIn(sim);
    expect(before?.writer).toBe('run1');
    const theirs = { after: 'cancelled', writer: 'another' } as const;
    expect((await go(sim, (run) => finalize(run, rollback, theirs), { runId: 'run2' })).kind).toBe('nothing-to-do');
    expect(journalIn(sim)).toEqual(before);
    const ours = { ...theirs, writer: 'run1' };
    expect((await go(sim, (run) => finalize(run, rollback, ours), { runId: 'run3' })).kind).toBe('rolled-back');
  });

  it('completes a rollback that was killed, whatever the policy', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.3 });
    const at = (event: { kind: string; direction?: string }) =>
      event.kind === 'run-started' && event.direction === 'back';
    await goUpgrade(sim, { disturb: { how: 'kill', at } });
    expect((await go(sim, (run) => finalize(run, hold, { after: 'cancelled' }), { runId: 'run2' })).kind).toBe(
      'rolled-back',
    );
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('never rolls back from stage 8', async () => {
    const sim = await servingMesh({ seed });
    sim.interceptIstioctl = (args) =>
      args[0] === 'uninstall' && !args.includes('--dry-run') ? 'hang-before' : undefined;
    const at = () => journalIn(sim)?.marks.removalBegan !== undefined;
    const calls = goUpgrade(sim, { disturb: { how: 'kill', at } });
    // Nothing is told while istioctl hangs; what kills the run is told afterwards.
    expect(['killed', 'held']).toContain((await calls).kind);
    sim.interceptIstioctl = () => undefined;
    expect((await go(sim, (run) => finalize(run, rollback, { after: 'cancelled' }), { runId: 'run2' })).kind).toBe(
      'held',
    );
    expect(tagIn(sim)).toEqual(tagAt(New));
  });

  it('has nothing to do without an upgrade, and after one that is complete', async () => {
    const sim = await servingMesh({ seed });
    expect((await go(sim, (run) => finalize(run, hold, { after: 'cancelled' }))).kind).toBe('nothing-to-do');
    await goUpgrade(sim);
    expect((await go(sim, (run) => finalize(run, rollback, { after: 'cancelled' }))).kind).toBe('nothing-to-do');
    expect(podsIn(sim)).toEqual(seedPods(New));
  });
});
