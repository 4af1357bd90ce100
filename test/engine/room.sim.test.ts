import { describe, expect, it } from 'vitest';
import { simRun } from '../../harness/rehearsal/backends/sim-run.ts';
import { createSim, type Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { check } from '../../src/engine/check.ts';
import type { Finding } from '../../src/model/finding.ts';
import { Nodes } from '../../src/ports/kinds.ts';
import { configOf } from './engine-fixtures.ts';

const seed = 31;

async function checked(sim: Sim): Promise<readonly Finding[]> {
  const { run, cluster } = await sim.run(simRun(sim, { runId: 'run1' }));
  const { findings } = await sim.run(check(run, configOf()));
  await sim.run(cluster.close());
  return findings.filter(({ code }) => code === 'SURGE_WITHOUT_ROOM' || code === 'ROOM_UNKNOWN');
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
    const [finding, ...others] = await checked(sim);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'SURGE_WITHOUT_ROOM', severity: 'warns' });
    expect(finding?.objects.join()).toMatch(
      /^wave rest needs [\d.]+ CPU at a time; of 1\.5 CPU at least [\d.]+ CPU are/,
    );
  });

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
