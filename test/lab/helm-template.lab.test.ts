import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildModules } from '../../harness/proof/lab/build.ts';
import { prepareCharts } from '../../harness/proof/lab/charts.ts';
import { helmModules } from '../../harness/proof/lab/modules.ts';
import { HelmCalls } from '../../src/installers/helm-calls.ts';
import { HelmMissing } from '../../src/installers/helm-errors.ts';
import { helmInstaller } from '../../src/installers/helm-installer.ts';
import { helmReleases } from '../../src/installers/helm-releases.ts';
import { createProcessRunner } from '../../src/istioctl/process-runner.ts';
import { configurationOf } from '../../src/mesh/configuration.ts';
import { expectedRemoval, isExpected } from '../../src/mesh/istiod-objects.ts';
import type { Install } from '../../src/ports/installer.ts';

const New = '1-31-0';
const asked: Install = {
  revision: New,
  version: '1.31.0',
  release: { name: `istiod-${New}`, namespace: 'istio-system' },
  carried: { meshConfig: { accessLogFile: '/dev/stdout' }, pilot: { env: { PILOT_A: 'a' } } },
  set: ['values.pilot.env.PILOT_B=b'],
  readinessTimeoutMs: 1_000,
};

/** No cluster: what the real helm makes of the arguments, and what the product makes of its answer. */
describe.for([
  { name: 'helm-4', version: '4.2.0' },
  { name: 'helm-3', version: '3.21.0' },
])("Istio's own chart, rendered by $name", ({ name, version }) => {
  let place: string;
  let calls: HelmCalls;
  let installer: ReturnType<typeof helmInstaller>;
  beforeAll(async () => {
    const folder = await buildModules(helmModules, { env: process.env, tell: () => undefined });
    place = mkdtempSync(join(tmpdir(), 'helm-template-'));
    const charts = prepareCharts(join(folder, 'helm-4'), '1.31.0', place);
    const env = { HOME: place, PATH: '/usr/bin:/bin', KUBECONFIG: join(place, 'none') };
    const runner = createProcessRunner({ binary: join(folder, name, 'helm'), env, missing: HelmMissing.because });
    calls = new HelmCalls(runner, { timeoutMs: 120_000 });
    const chart = (each: string) => ({ reference: join(charts, each) });
    installer = helmInstaller(calls, { base: chart('base'), istiod: chart('istiod') }, 'istio-system');
  });
  afterAll(() => rmSync(place, { recursive: true, force: true }));

  it('is one istiod of the target release, and nothing that stage 8 would not let Helm remove', async () => {
    expect(await helmReleases(calls).version()).toBe(version);
    const { objects } = await installer.preview(asked);
    expect(objects.length).toBeGreaterThan(15);
    expect(objects.filter((object) => !isExpected(object, New, 'istio-system'))).toEqual([]);
    const names = objects.map(({ kind, name: object }) => `${kind} ${object}`);
    for (const { kind, name: object } of expectedRemoval(New, 'istio-system'))
      expect(names).toContain(`${kind} ${object}`);
  });

  it('has the values that are carried over and those that are set', async () => {
    const { configuring } = await installer.preview(asked);
    const configuration = configurationOf(configuring, New);
    expect(configuration?.images).toEqual({ istiod: '1.31.0', sidecar: '1.31.0' });
    expect(configuration?.live.get('meshConfig.accessLogFile')).toBe('"/dev/stdout"');
    expect(configuration?.live.get('pilot.env.PILOT_A')).toBe('"a"');
    expect(configuration?.live.get('pilot.env.PILOT_B')).toBe('"b"');
  });

  it('is the same each time, and another one with another value', async () => {
    const { hash } = await installer.preview(asked);
    expect((await installer.preview(asked)).hash).toBe(hash);
    expect((await installer.preview({ ...asked, set: [] })).hash).not.toBe(hash);
  });

  it('that is not there fails with the words of helm', async () => {
    const lost = { reference: join(place, 'no-chart') };
    const without = helmInstaller(calls, { base: lost, istiod: lost }, 'istio-system');
    await expect(without.preview(asked)).rejects.toMatchObject({ code: 'HELM_FAILED' });
  });
});
