import { describe, expect, it } from 'vitest';
import { simRun } from '../../harness/rehearsal/backends/sim-run.ts';
import { createSim, type Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import type { Config } from '../../src/config/config.ts';
import { check } from '../../src/engine/check.ts';
import type { Finding } from '../../src/model/finding.ts';
import { Nodes } from '../../src/ports/kinds.ts';
import { configOf } from './engine-fixtures.ts';

const seed = 31;

const codes = ['SURGE_WITHOUT_ROOM', 'ISTIOD_WITHOUT_ROOM', 'ROOM_UNKNOWN'];

async function checked(sim: Sim, config: Config = configOf()): Promise<readonly Finding[]> {
  const { run, cluster } = await sim.run(simRun(sim, { runId: 'run1' }));
  const { findings } = await sim.run(check(run, config));
  await sim.run(cluster.close());
  return findings.filter(({ code }) => codes.includes(code));
}

function shrinkNodes(sim: Sim, allocatable: object | null): void {
  for (const { metadata } of sim.store.list(Nodes))
    sim.registry.patch(
      Nodes,
      metadata,
      { type: 'merge', body: { status: { allocatable } } },
      { subresource: 'status' },
    );
}

describe(`room on the nodes (seed ${seed})`, () => {
  it('is not reported when it is enough', async () => {
    expect(await checked(await createSim({ seed }))).toEqual([]);
  });

  it('leads to a warning with numbers when the surge does not fit, and does not block', async () => {
    const sim = await createSim({ seed });
    // 13 proxies ask for 100m each, and the old istiod and the new one for what their charts say.
    shrinkNodes(sim, { cpu: '500m', memory: '4000Gi' });
    const [istiod, finding, ...others] = await checked(sim);
    expect(others).toEqual([]);
    expect(istiod).toMatchObject({ code: 'ISTIOD_WITHOUT_ROOM', severity: 'warns' });
    expect(istiod?.objects.join()).toMatch(/^it requests 0\.5 CPU; of 1\.5 CPU at least [\d.]+ CPU are requested$/);
    expect(finding).toMatchObject({ code: 'SURGE_WITHOUT_ROOM', severity: 'warns' });
    expect(finding?.objects.join()).toMatch(
      /^wave rest needs [\d.]+ CPU at a time; of 1\.5 CPU at least [\d.]+ CPU are/,
    );
  });

  it.for([
    { when: 'as many pods as its autoscaler keeps fit', cpu: '1500', autoscaleMin: 3, says: [] },
    {
      when: 'they do not',
      cpu: '1500',
      autoscaleMin: 5,
      says: [/^they request 7500 CPU; of 6000 CPU at least [\d.]+ CPU are requested$/],
    },
    {
      when: 'no node is as large as one of them',
      cpu: '2500',
      autoscaleMin: 1,
      says: [/^one pod requests 2500 CPU, and the largest node has 2000 CPU$/],
    },
  ])(
    'for the istiod that the installer would install is looked for before it is there: $when',
    async ({ cpu, autoscaleMin, says }) => {
      const set = [`values.pilot.resources.requests.cpu=${cpu}`, `values.pilot.autoscaleMin=${autoscaleMin}`];
      const config = configOf({ target: `set: ${JSON.stringify(set)}` });
      const found = (await checked(await createSim({ seed }), config)).filter(
        ({ code }) => code === 'ISTIOD_WITHOUT_ROOM',
      );
      expect(found.flatMap(({ objects }) => objects)).toEqual(says.map((text) => expect.stringMatching(text)));
    },
  );

  it('is reported as unknown when nodes have no allocatable resources or may not be listed', async () => {
    const silent = await createSim({ seed });
    shrinkNodes(silent, null);
    expect(await checked(silent)).toMatchObject([{ code: 'ROOM_UNKNOWN', severity: 'notes' }]);

    const closed = await createSim({ seed });
    const body = JSON.stringify({ kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403, message: 'no' });
    closed.transport.interceptors.push(({ path }) =>
      path.startsWith('/api/v1/nodes') ? { status: 403, body } : undefined,
    );
    expect(await checked(closed)).toMatchObject([
      { code: 'ROOM_UNKNOWN', objects: [expect.stringContaining('the nodes cannot be listed')] },
    ]);
  });
});
