import { describe, expect, it } from 'vitest';
import { simRun } from '../../harness/rehearsal/backends/sim-run.ts';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { requestIn } from '../../src/engine/lease.ts';
import { rollBack } from '../../src/engine/roll-back.ts';
import { askRun } from '../../src/engine/run-request.ts';
import { upgrade } from '../../src/engine/upgrade.ts';
import type { TimedEvent } from '../../src/model/events.ts';
import { Leases } from '../../src/ports/kinds.ts';
import type { Lease } from '../../src/ports/objects.ts';
import { configOf, go, goUpgrade, journalIn, New, Old, podsIn, seedPods, servingMesh } from './engine-fixtures.ts';

const seed = 31;
const mesh = { istioNamespace: 'istio-system', tag: 'default' };
const person = 'alice@laptop';
const leaseIn = (sim: Sim) => sim.store.get<Lease>(Leases, 'istio-canary-upgrade-default', 'istio-system');

type Asked = Parameters<typeof askRun>[2];
type At = (event: TimedEvent) => boolean;

const stageDone =
  (step: string): At =>
  (event) =>
    event.kind === 'stage-done' && event.step === step;
const isRestartOf =
  (namespace: string): At =>
  (event) =>
    event.kind === 'effect-started' &&
    event.effect.kind === 'restart-workload' &&
    event.effect.workload.namespace === namespace;

/** Another machine, with its own way to the cluster. */
async function ask(sim: Sim, verb: Asked): Promise<string> {
  const { cluster } = await simRun(sim, { runId: 'other' });
  try {
    await askRun(cluster, mesh, verb, person);
    return verb;
  } catch (failure) {
    return (failure as { code?: string }).code ?? String(failure);
  } finally {
    await cluster.close();
  }
}

/** An upgrade of which something is asked when an event comes, and again some time later. */
async function upgradeAsked(sim: Sim, at: At, asked: readonly { verb: Asked; afterMs: number }[], on = '') {
  const events: TimedEvent[] = [];
  const answers: Promise<string>[] = [];
  let isAsked = false;
  const { run, cluster } = await sim.run(
    simRun(sim, {
      receive: (event) => {
        events.push(event);
        if (isAsked || !at(event)) return;
        isAsked = true;
        for (const { verb, afterMs } of asked) sim.in(afterMs, () => void answers.push(ask(sim, verb)));
      },
    }),
  );
  const outcome = await sim.run(upgrade(run, configOf({ more: on })));
  await sim.run(cluster.close());
  return { outcome, events, answers: await sim.run(Promise.all(answers)) };
}

const writesBetween = (events: readonly TimedEvent[]) => {
  const paused = events.findIndex(({ kind }) => kind === 'paused');
  const resumed = events.findIndex(({ kind }) => kind === 'resumed');
  return events.slice(paused, resumed).filter((event) => event.kind === 'effect-started' && !event.isNote);
};

describe(`pause, resume and abort from another machine (seed ${seed})`, () => {
  it('a pause begins nothing more within seconds, outlasts the patience, and after resume the upgrade completes', async () => {
    const sim = await servingMesh({ seed });
    const { outcome, events, answers } = await upgradeAsked(sim, stageDone('restart-canary'), [
      { verb: 'pause', afterMs: 1_000 },
      { verb: 'resume', afterMs: 60 * 60_000 },
    ]);
    expect(answers).toEqual(['pause', 'resume']);
    const paused = events.find(({ kind }) => kind === 'paused');
    const asked = events.find(stageDone('restart-canary'));
    expect((paused?.at ?? 0) - (asked?.at ?? 0)).toBeLessThan(12_000);
    expect(writesBetween(events)).toEqual([]);
    // The bake goes on meanwhile.
    expect(events.findIndex(({ kind }) => kind === 'verdict')).toBeLessThan(
      events.findIndex(({ kind }) => kind === 'resumed'),
    );
    expect(outcome.kind).toBe('completed');
    expect(podsIn(sim)).toEqual(seedPods(New));
  });

  it('a paused wave that fails is rolled back, and the pause is over', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.2 });
    const { outcome } = await upgradeAsked(sim, stageDone('restart-canary'), [{ verb: 'pause', afterMs: 1_000 }]);
    expect(outcome.kind).toBe('rolled-back');
    expect(podsIn(sim)).toEqual(seedPods(Old));
    expect(requestIn(leaseIn(sim))).toBeUndefined();
  });

  it('an abort rolls back within seconds although the policy says hold, and the next upgrade is not aborted', async () => {
    const sim = await servingMesh({ seed });
    const { outcome, events } = await upgradeAsked(
      sim,
      isRestartOf('baz'),
      [{ verb: 'abort', afterMs: 500 }],
      'on: { failure: hold, cancel: hold, inconclusive: hold }',
    );
    expect(outcome).toMatchObject({ kind: 'rolled-back', reason: 'ABORT_ASKED' });
    expect(outcome.message).toContain(person);
    const back = events.find((event) => event.kind === 'run-started' && event.direction === 'back');
    expect((back?.at ?? 0) - (events.find(isRestartOf('baz'))?.at ?? 0)).toBeLessThan(12_000);
    expect(podsIn(sim)).toEqual(seedPods(Old));
    expect(requestIn(leaseIn(sim))).toBeUndefined();
    expect(await goUpgrade(sim, { runId: 'run2' })).toMatchObject({ kind: 'completed' });
  });

  it('an abort before the tag has moved only stops, and changes no pod', async () => {
    const sim = await servingMesh({ seed });
    const { outcome } = await upgradeAsked(
      sim,
      (event) => event.kind === 'effect-started' && event.effect.kind === 'install',
      [{ verb: 'abort', afterMs: 0 }],
    );
    expect(outcome.reason).toBe('ABORT_ASKED');
    expect(['held', 'blocked', 'rolled-back']).toContain(outcome.kind);
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it.for(['pause', 'abort'] as const)('what was asked of a run that died is done by the next one: %s', async (verb) => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, { disturb: { how: 'kill', at: stageDone('restart-canary') } });
    expect(await sim.run(ask(sim, verb))).toBe(verb);
    await sim.advance(60_000);
    sim.in(10 * 60_000, () => void ask(sim, 'resume'));
    const next = await goUpgrade(sim, { runId: 'run2' });
    expect(next.events.some(({ kind }) => kind === 'paused')).toBe(verb === 'pause');
    expect(next.kind).toBe(verb === 'pause' ? 'completed' : 'rolled-back');
  });

  it('rollback takes a pause away, and is not paused', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, { disturb: { how: 'kill', at: stageDone('restart-canary') } });
    await sim.run(ask(sim, 'pause'));
    await sim.advance(60_000);
    expect(await go(sim, (run) => rollBack(run), { runId: 'run2' })).toMatchObject({ kind: 'rolled-back' });
    expect(requestIn(leaseIn(sim))).toBeUndefined();
    expect(journalIn(sim)?.state).toBe('rolled-back');
  });

  it.for([
    { verb: 'pause', code: 'NO_RUN_TO_ASK' },
    { verb: 'abort', code: 'NO_RUN_TO_ASK' },
    { verb: 'resume', code: 'NOTHING_PAUSED' },
  ] as const)('$verb is refused by $code when no run is under way', async ({ verb, code }) => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, { through: 'move-tag' });
    expect(await sim.run(ask(sim, verb))).toBe(code);
  });
});

describe('a request in the lock', () => {
  it.for(['', '{', '{"verb":"explode","by":"x","at":"y"}', '{"verb":"pause"}', '[]', 'null'])(
    'of another form is not obeyed: %s',
    (text) => {
      const annotations = { 'istio-canary-upgrade/request': text };
      expect(requestIn({ metadata: { name: 'x', annotations }, spec: {} } as unknown as Lease)).toBeUndefined();
    },
  );
});
