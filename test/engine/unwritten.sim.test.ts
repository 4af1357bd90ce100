import { describe, expect, it } from 'vitest';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { ConfigMaps } from '../../src/ports/kinds.ts';
import {
  goBack,
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

const seed = 63;
const journalName = 'istio-canary-upgrade-default';

async function badRelease(): Promise<Sim> {
  const sim = await servingMesh({ seed });
  sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.3 });
  return sim;
}

/** Refuses every write of the journal from the bake of the canary on. */
function refuseFromBakeOn(sim: Sim, refusal: { code: number; reason: string; message: string }): () => void {
  let refuses = false;
  sim.when(
    () => journalIn(sim)?.marks.waves['canary']?.readyAt !== undefined,
    () => {
      refuses = true;
    },
  );
  sim.transport.interceptors.push(({ method, path }) => {
    if (!refuses || method === 'GET' || !path.includes(`/configmaps/${journalName}`)) return undefined;
    return { status: refusal.code, body: JSON.stringify({ kind: 'Status', status: 'Failure', ...refusal }) };
  });
  return () => {
    refuses = false;
  };
}

describe(`a verdict of fail that cannot be written (seed ${seed})`, () => {
  it.for([
    { code: 413, reason: 'RequestEntityTooLarge', message: 'Request entity too large: limit is 3145728' },
    { code: 422, reason: 'Invalid', message: 'data: Too long: may not be more than 1048576 bytes' },
    { code: 403, reason: 'Forbidden', message: 'configmaps is forbidden' },
  ])('leads back all the same when the journal is refused with $reason', async (refusal) => {
    const sim = await badRelease();
    const allow = refuseFromBakeOn(sim, refusal);
    const run = await goUpgrade(sim);
    expect(run.kind).toBe('rollback-held');
    expect(run.codes).toEqual(expect.arrayContaining(['GATE_FAILED', 'EFFECT_FAILED', 'JOURNAL_NOT_WRITTEN']));
    expect(run.events.some(({ kind }) => kind === 'verdict')).toBe(true);
    expect(podsIn(sim)).toEqual(seedPods(Old));
    expect(tagIn(sim)).toEqual(tagAt(Old));
    allow();
    expect((await goBack(sim, { runId: 'run2' })).kind).toBe('rolled-back');
    expect(journalIn(sim)?.state).toBe('rolled-back');
  });

  it('leads back when another client changes the ConfigMap at the same moment', async () => {
    const sim = await badRelease();
    sim.when(
      () => journalIn(sim)?.marks.waves['canary']?.readyAt !== undefined,
      () => {
        const body = { metadata: { annotations: { touched: 'by a person' } } };
        const target = { name: journalName, namespace: 'istio-system' };
        sim.registry.patch(ConfigMaps, target, { type: 'merge', body }, { manager: 'kubectl' });
      },
    );
    const run = await goUpgrade(sim);
    expect(run.kind).toBe('rolled-back');
    expect(run.codes).toEqual(['GATE_FAILED', 'JOURNAL_CONFLICT']);
    expect(podsIn(sim)).toEqual(seedPods(Old));
    expect(journalIn(sim)?.state).toBe('rolled-back');
  });
});
