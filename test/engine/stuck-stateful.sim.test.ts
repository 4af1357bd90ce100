import { describe, expect, it } from 'vitest';
import { StatusFailure } from '../../harness/rehearsal/sim/api-server/status-failure.ts';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { Pods, StatefulSets } from '../../src/ports/kinds.ts';
import { type Ended, goUpgrade, journalIn, New, podsIn, servingMesh, tagAt, tagIn } from './engine-fixtures.ts';

const seed = 32;

/** Holds the pods by a finalizer, as a controller that is down would. */
function keep(sim: Sim, finalizers: readonly string[] | null): void {
  for (const { metadata } of sim.pods('baz').filter(({ metadata: { name } }) => name.startsWith('db-')))
    sim.registry.patch(Pods, metadata, { type: 'merge', body: { metadata: { finalizers } } }, { manager: 'backup' });
}

/** Virtual milliseconds from the restart of the StatefulSet to the problem that ended the run. */
async function timed(sim: Sim): Promise<{ run: Ended; afterMs: number }> {
  let restartedAt: number | undefined;
  sim.store.onChange(({ kind, object, previous }) => {
    if (kind.plural !== StatefulSets.plural || object.metadata.generation === previous?.metadata.generation) return;
    restartedAt ??= sim.clock.now();
  });
  const run = await goUpgrade(sim);
  const told = run.events.find(({ kind }) => kind === 'problem')?.at ?? Number.POSITIVE_INFINITY;
  return { run, afterMs: told - (restartedAt ?? Number.NEGATIVE_INFINITY) };
}

describe(`an upgrade with a stuck StatefulSet (seed ${seed})`, () => {
  it('names a pod that does not end seconds after its grace period, goes on without it, and keeps the old istiod', async () => {
    const sim = await servingMesh({ seed });
    keep(sim, ['example.com/backup']);
    const { run, afterMs } = await timed(sim);
    expect([run.kind, run.codes]).toEqual(['held', ['OLD_REVISION_IN_USE']]);
    const told = run.events.find((event) => event.kind === 'problem');
    expect(told).toMatchObject({ problem: { code: 'POD_DOES_NOT_END' }, decision: 'go on without it' });
    expect(told?.problem.message).toMatch(
      /^StatefulSet baz\/db: pod db-1 does not end, .*held by example\.com\/backup\.$/,
    );
    expect(podsIn(sim)).toMatchObject({ foo: { [New]: 2 }, bar: { [New]: 2 } });
    expect(afterMs).toBeLessThan(30_000 + 20_000);
    expect(tagIn(sim)).toEqual(tagAt(New));
    expect(journalIn(sim)?.state).toBe('held');
    keep(sim, null);
    await sim.settle();
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
    expect(podsIn(sim)['baz']).toEqual({ [New]: 7 });
  });

  it('names a full quota, which only a dry-run pod shows, and goes on without the StatefulSet; the next run completes', async () => {
    const sim = await servingMesh({ seed });
    let full = true;
    sim.registry.useAdmission(({ object, operation }) => {
      if (full && operation === 'CREATE' && object.kind === 'Pod' && object.metadata.name.startsWith('db-'))
        throw new StatusFailure(403, 'Forbidden', 'pods "db-1" is forbidden: exceeded quota: compute');
      return object;
    });
    const { run, afterMs } = await timed(sim);
    const told = run.events.find((event) => event.kind === 'problem');
    expect(told).toMatchObject({ problem: { code: 'NO_ROOM' }, decision: 'go on without it' });
    expect(told?.problem.message).toMatch(
      /^StatefulSet baz\/db: its new pods are refused: 1 of 2 pods are not created/,
    );
    expect(afterMs).toBeLessThan(60_000);
    full = false;
    await sim.settle();
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
  });
});
