import { describe, expect, it } from 'vitest';
import { simRun } from '../../harness/rehearsal/backends/sim-run.ts';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { finalize } from '../../src/engine/finalize.ts';
import { rollBack } from '../../src/engine/roll-back.ts';
import { unlock } from '../../src/engine/unlock.ts';
import { upgrade } from '../../src/engine/upgrade.ts';
import type { TimedEvent } from '../../src/model/events.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { Leases } from '../../src/ports/kinds.ts';
import type { Lease } from '../../src/ports/objects.ts';
import {
  configOf,
  controlPlanesIn,
  go,
  goUpgrade,
  journalIn,
  New,
  podsIn,
  seedPods,
  servingMesh,
  Watcher,
} from './engine-fixtures.ts';

const seed = 29;
const mesh = { istioNamespace: 'istio-system', tag: 'default' };
const policy = { failure: 'hold', cancel: 'hold', inconclusive: 'hold' } as const;
const leaseIn = (sim: Sim) => sim.store.get<Lease>(Leases, 'istio-canary-upgrade-default', 'istio-system');
const inWave = (event: TimedEvent) => event.kind === 'effect-started' && event.effect.kind === 'restart-workload';

/** The outcome of a run, or the code of its failure. */
const settled = async (outcome: Promise<Outcome>): Promise<string> =>
  await outcome.then(
    ({ kind }) => kind,
    (failure: { code?: string }) => failure.code ?? String(failure),
  );

/** Begins an upgrade, and starts something beside it at the first event that matches. */
async function beside(
  sim: Sim,
  at: (event: TimedEvent) => boolean,
  start: () => Promise<string>,
): Promise<{ first: string; second: string | undefined }> {
  let second: Promise<string> | undefined;
  const begun = await sim.run(
    simRun(sim, {
      runId: 'run1',
      receive: (event) => {
        if (second === undefined && at(event)) second = start();
      },
    }),
  );
  const first = await sim.run(settled(upgrade(begun.run, configOf())));
  const ended = { first, second: second === undefined ? undefined : await sim.run(second) };
  await sim.run(begun.cluster.close());
  return ended;
}

describe(`a second run while the first goes on (seed ${seed})`, () => {
  it.for([
    {
      verb: 'upgrade',
      start: async (sim: Sim) => await upgrade((await simRun(sim, { runId: 'run2' })).run, configOf()),
    },
    { verb: 'rollback', start: async (sim: Sim) => await rollBack((await simRun(sim, { runId: 'run2' })).run) },
    {
      verb: 'finalize',
      start: async (sim: Sim) =>
        await finalize((await simRun(sim, { runId: 'run2' })).run, policy, { after: 'cancelled' }),
    },
  ])('of $verb is refused, and the first run completes', async ({ start }) => {
    const sim = await servingMesh({ seed });
    const watcher = new Watcher(sim);
    expect(await beside(sim, inWave, async () => await settled(start(sim)))).toEqual({
      first: 'completed',
      second: 'LOCK_HELD',
    });
    expect(watcher.restartedTwice).toEqual([]);
    expect(podsIn(sim)).toEqual(seedPods(New));
    expect(leaseIn(sim)?.spec).toMatchObject({ holderIdentity: '', leaseTransitions: 1 });
  });

  it('that takes over a lock which a person ended completes, and the first run stops', async () => {
    const sim = await servingMesh({ seed });
    const watcher = new Watcher(sim);
    const ended = await beside(sim, inWave, async () => {
      const { run } = await simRun(sim, { runId: 'run2' });
      await unlock(run.ports.cluster, mesh, 'run1');
      return await settled(upgrade(run, configOf()));
    });
    expect(ended).toEqual({ first: 'LOCK_LOST', second: 'completed' });
    expect(watcher.restartedTwice).toEqual([]);
    expect(journalIn(sim)).toMatchObject({ state: 'completed', writer: 'run2', epoch: 2 });
    expect(controlPlanesIn(sim)).toEqual([`istiod-${New}`]);
  });
});

describe(`the lock of a run that was killed (seed ${seed})`, () => {
  it('delays the next run until the lock expires, and that run reports the wait', async () => {
    const sim = await servingMesh({ seed });
    expect((await goUpgrade(sim, { disturb: { at: inWave, how: 'kill' } })).kind).toBe('killed');
    const next = await goUpgrade(sim, { runId: 'run2' });
    expect(next.kind).toBe('completed');
    expect(next.events[0]).toMatchObject({ kind: 'lock-held', holder: { id: 'run1', where: 'rehearsal run1' } });
    expect(leaseIn(sim)?.spec.leaseTransitions).toBe(2);
  });

  it('is taken at once by the finalize of the same run', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, { disturb: { at: inWave, how: 'kill' } });
    const since = sim.clock.now();
    const ended = await go(sim, (run) => finalize(run, policy, { after: 'failed', writer: 'run1' }), {
      runId: 'run1f',
    });
    expect(ended.kind).toBe('held');
    expect(sim.clock.now() - since).toBeLessThan(5_000);
    expect(journalIn(sim)).toMatchObject({ state: 'held', epoch: 2 });
  });
});

describe(`a blocked run (seed ${seed})`, () => {
  it('has written nothing, not even the lock', async () => {
    const sim = await servingMesh({ seed });
    sim.transport.access.deny({ verb: 'patch', resource: 'daemonsets' });
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'blocked', codes: ['RBAC_MISSING'] });
    expect(leaseIn(sim)).toBeUndefined();
  });
});
