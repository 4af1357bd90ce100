import { describe, expect, it } from 'vitest';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import type { TransportRequest } from '../../src/kubernetes/transport.ts';
import { goUpgrade, New, Old, servingMesh, tagAt, tagIn, Watcher } from './engine-fixtures.ts';

const seed = 12;
const isJournal = ({ path }: TransportRequest) => path.includes('configmaps/istio-canary-upgrade-default');
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
  it.for([2, 4])('restarts nothing twice when the answer to restart %i is lost', async (nth) => {
    const sim = await servingMesh({ seed });
    const watcher = new Watcher(sim);
    loseAnswer(sim, isRestart, nth);
    const { kind } = await goUpgrade(sim);
    expect(kind).toBe('completed');
    expect([...watcher.restarts.values()].map((tokens) => tokens.length)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it.for([1, 3, 5, 8])('recognises its own journal when the answer to change %i of it is lost', async (nth) => {
    const sim = await servingMesh({ seed });
    const watcher = new Watcher(sim);
    loseAnswer(sim, (request) => isJournal(request) && request.method === 'PUT', nth);
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'completed', codes: [] });
    expect(watcher.restartedTwice).toEqual([]);
  });

  it.for([1, 4])('sends restart %i again when it never reached the API server', async (nth) => {
    const sim = await servingMesh({ seed });
    const watcher = new Watcher(sim);
    let times = 0;
    sim.transport.interceptors.push((request) =>
      isRestart(request) && ++times === nth ? 'timeout-before-commit' : undefined,
    );
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'completed' });
    expect([...watcher.restarts.values()].map((tokens) => tokens.length)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it.for([2, 5])('sends change %i of the journal again when it never reached the API server', async (nth) => {
    const sim = await servingMesh({ seed });
    let times = 0;
    sim.transport.interceptors.push((request) =>
      isJournal(request) && request.method === 'PUT' && ++times === nth ? 'timeout-before-commit' : undefined,
    );
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'completed' });
  });
});

describe(`an upgrade with an unreliable API server (seed ${seed})`, () => {
  it.for([429, 500, 503])(
    'completes although a third of the reads of one minute are answered with %i',
    async (status) => {
      const sim = await servingMesh({ seed });
      const until = sim.clock.now() + 60_000;
      let count = 0;
      sim.transport.interceptors.push(({ method }) =>
        method === 'GET' && sim.clock.now() < until && ++count % 3 === 0
          ? {
              status,
              body: JSON.stringify({ kind: 'Status', status: 'Failure', reason: 'x', code: status, message: 'x' }),
            }
          : undefined,
      );
      expect((await goUpgrade(sim)).kind).toBe('completed');
    },
  );
});

describe(`a rollback whose istioctl dies or hangs (seed ${seed})`, () => {
  const faults = ['fail-before', 'hang-after'] as const;

  it.for(faults)('moves the tag back although one call of istioctl has the fault %s', async (fault) => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.3 });
    let calls = 0;
    sim.interceptIstioctl = (args) => (args.join(' ').startsWith('tag set') && ++calls === 2 ? fault : undefined);
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(tagIn(sim)).toEqual(tagAt(Old));
  });
});
