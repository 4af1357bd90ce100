import { describe, expect, it } from 'vitest';
import { simRun } from '../../harness/rehearsal/backends/sim-run.ts';
import { createSim, type Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { check } from '../../src/engine/check.ts';
import { planFor } from '../../src/engine/plan-for.ts';
import type { Run } from '../../src/engine/run.ts';
import { IstioctlTimeout } from '../../src/istioctl/istioctl-errors.ts';
import { Deployments } from '../../src/ports/kinds.ts';
import { configOf, goUpgrade, New, Old, servingMesh } from './engine-fixtures.ts';

const seed = 72;

function pinByDigest(sim: Sim, revision: string): void {
  const image = `docker.io/istio/pilot@sha256:${'a'.repeat(64)}`;
  const body = { spec: { template: { spec: { containers: [{ name: 'discovery', image }] } } } };
  const name = { name: `istiod-${revision}`, namespace: 'istio-system' };
  sim.registry.patch(Deployments, name, { type: 'strategic-merge', body }, { manager: 'kubectl' });
}

/** The simulated istioctl knows no digests: what it would be told is scripted. */
async function asked<T>(
  sim: Sim,
  istiodVersions: () => Promise<readonly string[]>,
  verb: (run: Run) => Promise<T>,
): Promise<T> {
  const { run, cluster } = await sim.run(simRun(sim));
  const meshTool = { ...run.ports.meshTool, istiodVersions };
  try {
    return await sim.run(verb({ ...run, ports: { ...run.ports, meshTool } }));
  } finally {
    await sim.run(cluster.close());
  }
}

describe(`an istiod whose image is a digest (seed ${seed})`, () => {
  const versionLeft = async (istiodVersions: () => Promise<readonly string[]>) => {
    const sim = await createSim({ seed });
    pinByDigest(sim, Old);
    const { plan } = await asked(sim, istiodVersions, (run) => planFor(run, configOf(), undefined));
    return plan.versions.from;
  };

  it.for([
    { version: '1.30.4', when: 'all its pods tell it', told: ['1.30.4'] },
    { version: '', when: 'they tell two', told: ['1.30.4', '1.30.3'] },
    { version: '', when: 'none could be asked', told: [] },
    { version: '', when: 'they tell what is no version', told: ['unknown'] },
  ])('is left at version "$version" when $when', async ({ version, told }) => {
    expect(await versionLeft(() => Promise.resolve(told))).toBe(version);
  });

  it('is left at no known version when istioctl does not answer', async () => {
    expect(await versionLeft(() => Promise.reject(IstioctlTimeout.of('istioctl version', 90_000, '')))).toBe('');
  });

  it.for([
    { says: [], told: ['1.31.0'] },
    { says: ['blocks RELEASE_NOT_TARGET'], told: ['1.30.4'] },
    { says: ['notes RELEASE_UNKNOWN'], told: [] },
  ])('gives $says as the new one when its pods tell $told', async ({ says, told }) => {
    const sim = await servingMesh({ seed });
    expect((await goUpgrade(sim, { through: '2' })).kind).toBe('reached');
    pinByDigest(sim, New);
    await sim.advance(60_000);
    const { findings } = await asked(
      sim,
      () => Promise.resolve(told),
      (run) => check(run, configOf()),
    );
    const found = findings.filter(({ code }) => code.startsWith('RELEASE_'));
    expect(found.map(({ code, severity }) => `${severity} ${code}`)).toEqual(says);
  });
});
