import { describe, expect, it } from 'vitest';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import type { TransportRequest } from '../../src/kubernetes/transport.ts';
import { endState, goUpgrade, New, Old, servingMesh, tagAt, tagIn, Watcher } from './engine-fixtures.ts';

const seed = 12;
const isRestart = ({ path, method }: TransportRequest) =>
  method === 'PATCH' && /\/(deployments|statefulsets)\//.test(path);

/** The n-th matching request is carried out, and its answer never arrives. */
function loseAnswer(sim: Sim, matches: (request: TransportRequest) => boolean, nth: number) {
  const lost = { count: 0 };
  sim.transport.interceptors.push((request) =>
    matches(request) && ++lost.count === nth ? 'timeout-after-commit' : undefined,
  );
  return lost;
}

describe(`an upgrade whose writes fail or lose their answer (seed ${seed})`, () => {
  it.for([1, 6])('restarts nothing twice when the answer to restart %i is lost', async (nth) => {
    const sim = await servingMesh({ seed });
    const watcher = new Watcher(sim);
    loseAnswer(sim, isRestart, nth);
    const { kind } = await goUpgrade(sim);
    expect(kind).toBe('completed');
    expect([...watcher.restarts.values()].map((tokens) => tokens.length)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('completes when the answer to the first write of the journal is lost', async () => {
    const sim = await servingMesh({ seed });
    loseAnswer(sim, ({ method, path }) => method === 'POST' && path.includes('/configmaps'), 1);
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'completed' });
  });

  it.for([2])('sends restart %i again when it never reached the API server', async (nth) => {
    const sim = await servingMesh({ seed });
    const watcher = new Watcher(sim);
    let times = 0;
    sim.transport.interceptors.push((request) =>
      isRestart(request) && ++times === nth ? 'timeout-before-commit' : undefined,
    );
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'completed' });
    expect([...watcher.restarts.values()].map((tokens) => tokens.length)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('holds, and rolls nothing back, when a restart is permanently refused', async () => {
    const sim = await servingMesh({ seed });
    const refusal = { kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403, message: 'denied by policy' };
    let isRefused = true;
    sim.transport.interceptors.push((request) =>
      isRefused && isRestart(request) && request.path.includes('/foo/')
        ? { status: 403, body: JSON.stringify(refusal) }
        : undefined,
    );
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'held', codes: ['EFFECT_FAILED'] });
    expect(tagIn(sim)).toEqual(tagAt(New));
    isRefused = false;
    const watcher = new Watcher(sim);
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
    expect([...watcher.restarts.keys()]).toEqual(['Deployment foo/foo']);
  });
});

describe(`an upgrade with an unreliable API server (seed ${seed})`, () => {
  it('completes when all watches end and the history is compacted again and again', async () => {
    const sim = await servingMesh({ seed });
    const quiet = await servingMesh({ seed });
    await goUpgrade(quiet);
    const upset = () => {
      sim.store.compact();
      sim.transport.watches.endAll();
      if (sim.clock.now() < start + 10 * 60_000) sim.in(1_300, upset);
    };
    const start = sim.clock.now();
    sim.in(1_000, upset);
    const watcher = new Watcher(sim);
    expect((await goUpgrade(sim)).kind).toBe('completed');
    expect(watcher.restartedTwice).toEqual([]);
    expect(endState(sim)).toEqual(endState(quiet));
  });
});

describe(`a rollback whose istioctl dies or hangs (seed ${seed})`, () => {
  const faults = ['fail-after', 'hang-before'] as const;

  it.for(faults)('moves the tag back although one call of istioctl has the fault %s', async (fault) => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.3 });
    let calls = 0;
    sim.interceptIstioctl = (args) => (args.join(' ').startsWith('tag set') && ++calls === 2 ? fault : undefined);
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(tagIn(sim)).toEqual(tagAt(Old));
  });
});
