import { describe, expect, it } from 'vitest';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { finalize } from '../../src/engine/finalize.ts';
import {
  configOf,
  go,
  goUpgrade,
  journalIn,
  New,
  podsIn,
  seedPods,
  servingMesh,
  tagAt,
  tagIn,
} from './engine-fixtures.ts';

const seed = 73;
const eager = { failure: 'rollback', cancel: 'rollback', inconclusive: 'hold' } as const;
const minuteMs = 60_000;

/** From the bake of the canary on the API server answers 503 for so long. */
function away(sim: Sim, forMs: number): void {
  sim.when(
    () => journalIn(sim)?.marks.waves['canary']?.readyAt !== undefined,
    () => {
      let isAway = true;
      sim.in(forMs, () => {
        isAway = false;
      });
      const body = JSON.stringify({ kind: 'Status', status: 'Failure', reason: 'ServiceUnavailable', code: 503 });
      sim.transport.interceptors.push(() => (isAway ? { status: 503, body } : undefined));
    },
  );
}

describe(`an API server that is away in the bake (seed ${seed})`, () => {
  it.for([3, 10])('for %i minutes is waited for, and the run goes on where it was and completes', async (minutes) => {
    const sim = await servingMesh({ seed });
    away(sim, minutes * minuteMs);
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'completed', codes: [] });
    expect(podsIn(sim)).toEqual(seedPods(New));
    const told = run.events.flatMap((event) =>
      event.kind === 'waiting' ? event.shortfalls.map(({ what }) => what) : [],
    );
    // Shorter outages are bridged by the client, which repeats its requests.
    if (minutes > 3) expect(told).toContain('CLUSTER_UNAVAILABLE');
  });

  it('for longer than pace.patience ends the run as unreachable; its finalize holds, and the next run completes', async () => {
    const sim = await servingMesh({ seed });
    away(sim, 30 * minuteMs);
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'thrown', codes: ['CLUSTER_UNAVAILABLE'] });
    await sim.advance(30 * minuteMs);
    const ended = await go(sim, (of) => finalize(of, eager, { after: 'unreachable', writer: 'run1' }), {
      runId: 'run1-finalize',
    });
    expect(ended.kind).toBe('held');
    expect(tagIn(sim)).toEqual(tagAt(New));
    expect(journalIn(sim)?.held?.code).toBe('SURROUNDINGS_AWAY');
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
  });
});

describe(`a rollout that stands still while the API server is away (seed ${seed})`, () => {
  it('is not stuck after six minutes without an answer, since that time does not count', async () => {
    const sim = await servingMesh({ seed });
    const stop = sim.kubelet.addRule({
      matches: ({ metadata }) => metadata.namespace === 'bar',
      stage: 'without-kubelet',
    });
    sim.when(
      () => tagIn(sim)['webhook'] === New && journalIn(sim)?.marks.waves['canary']?.startedAt !== undefined,
      () => {
        let isAway = true;
        const body = JSON.stringify({ kind: 'Status', status: 'Failure', reason: 'ServiceUnavailable', code: 503 });
        sim.in(2_000, () => sim.transport.interceptors.push(() => (isAway ? { status: 503, body } : undefined)));
        sim.in(362_000, () => {
          isAway = false;
          sim.in(30_000, stop);
        });
      },
    );
    const config = configOf({ more: 'pace: { rolloutTimeout: 5m }' });
    const run = await goUpgrade(sim, { config });
    const told = run.events.flatMap((event) => (event.kind === 'problem' ? [event.problem.code] : []));
    expect(told).not.toContain('ROLLOUT_STUCK');
    expect(told).not.toContain('TOO_MANY_BROKEN');
    expect(run.kind).toBe('completed');
  });
});

describe(`a run whose time is up in the bake (seed ${seed})`, () => {
  it('holds where it was, also when its finalize follows on.cancel: rollback; the next run completes', async () => {
    const sim = await servingMesh({ seed });
    const run = await goUpgrade(sim, { timeoutMs: 150_000 });
    expect(run.outcome).toMatchObject({ kind: 'interrupted', reason: 'TIMED_OUT', stage: 'judge-canary' });
    expect(journalIn(sim)).toMatchObject({ state: 'held', held: { code: 'TIMED_OUT' } });
    const ended = await go(sim, (of) => finalize(of, eager, { after: 'cancelled', writer: 'run1' }), {
      runId: 'run1-finalize',
    });
    expect(ended.kind).toBe('held');
    expect(tagIn(sim)).toEqual(tagAt(New));
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
  });
});
