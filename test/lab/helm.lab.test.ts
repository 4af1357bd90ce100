import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildModules } from '../../harness/proof/lab/build.ts';
import { prepareCharts } from '../../harness/proof/lab/charts.ts';
import { type Lab, startLab } from '../../harness/proof/lab/lab.ts';
import { installSeedMesh } from '../../harness/proof/lab/mesh.ts';
import { helmModules } from '../../harness/proof/lab/modules.ts';
import type { KubernetesObject } from '../../src/model/kubernetes-object.ts';
import { kubectl } from './mesh-edits.ts';
import { runProduct, writeConfig } from './seed-lab.ts';

const Old = '1-30-4';
const New = '1-31-0';

interface Helm {
  lab: Lab;
  run(args: readonly string[]): Promise<string>;
  config: string;
}

/** A mesh that Helm 4 installed: the chart base, and a release of its own for the istiod; the tag is istioctl's. */
async function startHelmLab(): Promise<Helm> {
  const folder = await buildModules(helmModules, { env: process.env, tell: () => undefined });
  const lab = await startLab();
  try {
    const binary = join(folder, 'helm-4', 'helm');
    const charts = join(lab.stateDir, 'charts');
    const old = prepareCharts(join(folder, 'helm-3'), '1.30.4', charts);
    const next = prepareCharts(join(folder, 'helm-4'), '1.31.0', charts);
    const run = async (args: readonly string[]) => String((await lab.exec(binary, args, { timeout: 120_000 })).stdout);
    const inPlace = ['-n', 'istio-system'];
    await kubectl(lab, ['create', 'namespace', 'istio-system']);
    await run(['install', 'istio-base', join(old, 'base'), ...inPlace, '--set', `defaultRevision=${Old}`]);
    await run([
      ...['install', `istiod-${Old}`, join(old, 'istiod'), ...inPlace, '--set', `revision=${Old}`],
      ...['--set', 'meshConfig.accessLogFile=/dev/stdout', '--set', 'pilot.env.PILOT_OF_TEAM=yes'],
    ]);
    await kubectl(lab, [...inPlace, 'rollout', 'status', `deployment/istiod-${Old}`, '--timeout=100s']);
    await lab.exec(lab.binaries.istioctl('1.30.4'), ['tag', 'set', 'default', '--revision', Old, '--overwrite', '-y'], {
      timeout: 60_000,
    });
    await installSeedMesh(lab, { isInstalled: true });
    const more = `mesh: { tag: default, installer: { helm: { binary: "${binary}", charts: "${next}" } } }`;
    const config = writeConfig(lab, 'helm', { mesh: more });
    return { lab, run, config };
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

/** Of every object that a release owns by its marks: `istiod-1-30-4: Deployment istiod-1-30-4`. */
async function ownersIn(lab: Lab): Promise<readonly string[]> {
  const kinds = [
    ...[
      'deployments',
      'services',
      'configmaps',
      'serviceaccounts',
      'roles',
      'rolebindings',
      'horizontalpodautoscalers',
    ],
    ...['poddisruptionbudgets', 'mutatingwebhookconfigurations', 'validatingwebhookconfigurations', 'clusterroles'],
    ...['clusterrolebindings', 'customresourcedefinitions'],
  ];
  const text = await kubectl(lab, ['get', kinds.join(','), '-n', 'istio-system', '-o', 'json']);
  const { items } = JSON.parse(text) as { items: (KubernetesObject & { kind: string })[] };
  return items
    .flatMap(({ kind, metadata: { name, annotations } }) => {
      const owner = annotations?.['meta.helm.sh/release-name'];
      return owner === undefined ? [] : [`${owner}: ${kind} ${name}`];
    })
    .sort();
}

/** Without the objects of the tag, to which `istioctl tag set` copies the marks. */
const ofRelease = (owners: readonly string[], name: string) =>
  owners
    .filter((owner) => owner.startsWith(`${name}: `) && !/revision-tag|default-validator/.test(owner))
    .map((owner) => owner.slice(name.length + 2));

const releasesIn = async ({ run }: Helm) =>
  (
    JSON.parse(await run(['list', '-n', 'istio-system', '-o', 'json'])) as {
      name: string;
      status: string;
      chart: string;
    }[]
  )
    .map(({ name, status, chart }) => `${name} ${status} ${chart}`)
    .sort();

describe('a mesh that Helm 4 installed', () => {
  let helm: Helm;
  let before: readonly string[];
  beforeAll(async () => {
    helm = await startHelmLab();
    before = await ownersIn(helm.lab);
  });
  afterAll(async () => await helm?.lab.stop());

  it('can be upgraded, and check tells the releases', async () => {
    const { lab, config } = helm;
    const checked = await runProduct(lab, ['check', '--config', config]);
    expect(checked.exitCode, checked.text).toBe(0);
    expect(checked.text).toContain(
      `Helm installs istiod ${New} as release istio-system/istiod-${New} and removes ${Old}, release istio-system/istiod-${Old}.`,
    );
    expect(checked.text).not.toContain('CONFIGURATION_');
  });

  it('gets the new istiod as a release of its own, after the CRDs, with the values of the old one', async () => {
    const { lab, config } = helm;
    const installed = await runProduct(lab, ['upgrade', '--config', config, '--through', '2']);
    expect(installed.exitCode, installed.text).toBe(0);
    expect(await releasesIn(helm)).toEqual([
      'istio-base deployed base-1.31.0',
      `istiod-${Old} deployed istiod-1.30.4`,
      `istiod-${New} deployed istiod-1.31.0`,
    ]);
    const owners = await ownersIn(lab);
    expect(owners).toContain('istio-base: ValidatingWebhookConfiguration istiod-default-validator');
    expect(ofRelease(owners, `istiod-${Old}`)).toEqual(ofRelease(before, `istiod-${Old}`));
    expect(ofRelease(owners, `istiod-${New}`)).toContain(`Deployment istiod-${New}`);
    expect(ofRelease(owners, 'istio-base').length).toBeGreaterThan(15);
    expect(await kubectl(lab, ['-n', 'istio-system', 'get', 'configmap', `istio-${New}`, '-o', 'yaml'])).toContain(
      'accessLogFile: /dev/stdout',
    );
  });

  it('goes back from a bad release, whose istiod Helm removes and nothing else', async () => {
    const { lab, config } = helm;
    await lab.traffic.setErrors({ revision: New, errorRatio: 0.2 });
    const back = await runProduct(lab, ['upgrade', '--config', config]);
    expect(back.exitCode, back.text).toBe(5);
    await lab.traffic.setErrors({ revision: New, errorRatio: 0 });
    const removed = await runProduct(lab, ['rollback', '--remove-new', '--config', config]);
    expect(removed.exitCode, removed.text).toBe(0);
    expect(await releasesIn(helm)).toEqual(['istio-base deployed base-1.31.0', `istiod-${Old} deployed istiod-1.30.4`]);
    const owners = await ownersIn(lab);
    expect(ofRelease(owners, `istiod-${Old}`)).toEqual(ofRelease(before, `istiod-${Old}`));
  });

  it('is upgraded through all eight stages, and the old release is gone as a whole', async () => {
    const { lab, config } = helm;
    const done = await runProduct(lab, ['upgrade', '--config', config]);
    expect(done.exitCode, done.text).toBe(0);
    expect(done.text).toContain('TAG_MARKS_COPIED');
    expect(await releasesIn(helm)).toEqual(['istio-base deployed base-1.31.0', `istiod-${New} deployed istiod-1.31.0`]);
    expect(ofRelease(await ownersIn(lab), `istiod-${Old}`)).toEqual([]);
    const tag = await kubectl(lab, ['get', 'mutatingwebhookconfiguration', 'istio-revision-tag-default', '-o', 'yaml']);
    expect(tag).toContain(`istio.io/rev: ${New}`);
  });

  it('takes the next helm upgrade of each release without a conflict, after the commands that the run prints', async () => {
    const { lab, run } = helm;
    const charts = join(lab.stateDir, 'charts', '1.31.0');
    const own = ['-n', 'istio-system', '--reset-then-reuse-values'];
    await run([
      'upgrade',
      'istio-base',
      join(charts, 'base'),
      ...own,
      '--force-conflicts',
      '--set',
      `defaultRevision=${New}`,
    ]);
    await run(['upgrade', 'istio-base', join(charts, 'base'), ...own]);
    await run(['upgrade', `istiod-${New}`, join(charts, 'istiod'), ...own]);
    expect(await releasesIn(helm)).toEqual(['istio-base deployed base-1.31.0', `istiod-${New} deployed istiod-1.31.0`]);
    expect(
      await kubectl(lab, ['get', 'validatingwebhookconfiguration', 'istiod-default-validator', '-o', 'yaml']),
    ).toContain(`name: istiod-${New}`);
  });
});
