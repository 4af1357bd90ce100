import { describe, expect, it } from 'vitest';
import type { Sim, SimOptions } from '../../harness/rehearsal/sim/create-sim.ts';
import { adoptByHelm, HelmRelease, istiodObjects, tagObjects } from '../../harness/rehearsal/sim/istio/helm-release.ts';
import { removeNew } from '../../src/engine/roll-back.ts';
import { ConfigMaps, CustomResourceDefinitions, Deployments, MutatingWebhooks } from '../../src/ports/kinds.ts';
import type { ConfigMap } from '../../src/ports/objects.ts';
import {
  configOf,
  controlPlanesIn,
  go,
  goBack,
  goCheck,
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

const seed = 83;

/** A mesh that Helm installed; the tag belongs to no release. */
async function helmMesh(options: SimOptions = {}): Promise<Sim> {
  const sim = await servingMesh({ seed, ...options });
  adoptByHelm(sim.registry, { version: '1.30.4', revision: options.revision ?? Old });
  await sim.settle();
  return sim;
}

const definitionIn = (sim: Sim) =>
  sim.store.get(CustomResourceDefinitions, 'virtualservices.networking.istio.io')?.metadata;
const ownerIn = (sim: Sim, revision: string) =>
  HelmRelease.ownerOf(sim.store.get(Deployments, `istiod-${revision}`, 'istio-system'));
const statusOf = (sim: Sim, name: string) => new HelmRelease(sim.registry, name).status;

describe(`an upgrade by Helm (seed ${seed})`, () => {
  it('goes through all stages, the CRDs first, and each istiod is a release of its own', async () => {
    const sim = await helmMesh({ set: ['meshConfig.accessLogFile=/dev/stdout'] });
    const { findings, blocked } = await goCheck(sim);
    expect(blocked).toBe(false);
    expect(findings.filter(({ code }) => code === 'INSTALLER_TOLD').map(({ message }) => message)).toEqual([
      `Helm installs istiod ${New} as release istio-system/istiod-${New} and removes ${Old}, release istio-system/istiod-${Old}.`,
    ]);
    const run = await goUpgrade(sim);
    expect([run.kind, run.codes]).toEqual(['completed', []]);
    expect(run.effects.filter((text) => /install|CRDs/.test(text))).toEqual([
      'upgrade the CRDs of Helm release istio-system/istio-base to 1.31.0',
      `install istiod ${New}`,
      `uninstall istiod ${Old}`,
    ]);
    expect([tagIn(sim), podsIn(sim)]).toEqual([tagAt(New), seedPods(New)]);
    expect(controlPlanesIn(sim)).toEqual([`istiod-${New}`]);
    expect(ownerIn(sim, New)).toBe(`istiod-${New}`);
    expect(statusOf(sim, `istiod-${Old}`)).toBeUndefined();
    expect(definitionIn(sim)?.labels).toMatchObject({ 'app.kubernetes.io/version': '1.31.0' });
    const values = sim.store.get<ConfigMap>(ConfigMaps, `values-${New}`, 'istio-system')?.data?.['original-values'];
    expect(values).toContain('/dev/stdout');
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('nothing-to-do');
  });

  it('says at its end how the marks of the release leave the tag', async () => {
    const sim = await helmMesh();
    const run = await goUpgrade(sim);
    const told = run.events.flatMap((event) => (event.kind === 'findings' ? event.findings : []));
    expect(told.find(({ code }) => code === 'TAG_MARKS_COPIED')?.fix).toContain(
      'kubectl annotate mutatingwebhookconfiguration istio-revision-tag-default meta.helm.sh/release-name-',
    );
  });

  it('leaves the chart base alone where the CRDs are new enough', async () => {
    const sim = await helmMesh();
    const first = await goUpgrade(sim, { through: 'install-control-plane' });
    expect(first.effects.join()).toContain('upgrade the CRDs');
    sim.registry.delete(Deployments, { name: `istiod-${New}`, namespace: 'istio-system' });
    new HelmRelease(sim.registry, `istiod-${New}`).uninstall();
    await sim.settle();
    const again = await goUpgrade(sim, { runId: 'run2', through: 'install-control-plane' });
    expect([again.kind, again.effects.filter((text) => text.includes('CRDs'))]).toEqual(['reached', []]);
  });

  it('upgrades the chart base although istioctl has written its validator', async () => {
    const sim = await helmMesh();
    await sim.run(sim.istioctl('1.30.4').meshTool.setTag('default', Old));
    const run = await goUpgrade(sim, { through: 'install-control-plane' });
    expect([run.kind, run.codes]).toEqual(['reached', []]);
    expect([statusOf(sim, 'istio-base'), tagIn(sim)]).toEqual(['deployed', tagAt(Old)]);
  });

  it('leads from an installation without a revision', async () => {
    const sim = await helmMesh({ revision: 'default' });
    const run = await goUpgrade(sim);
    expect([run.kind, run.codes]).toEqual(['completed', []]);
    expect(controlPlanesIn(sim)).toEqual([`istiod-${New}`]);
    expect(statusOf(sim, 'istiod')).toBeUndefined();
  });

  it('rolls back a bad release; afterwards --remove-new removes its release alone, and it can be tried again', async () => {
    const sim = await helmMesh();
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.2 });
    const run = await goUpgrade(sim);
    expect([run.kind, run.codes]).toEqual(['rolled-back', ['GATE_FAILED']]);
    expect([tagIn(sim), podsIn(sim)]).toEqual([tagAt(Old), seedPods(Old)]);
    const removed = await go(sim, removeNew, { runId: 'run2' });
    expect([removed.kind, removed.codes]).toEqual(['completed', []]);
    expect(controlPlanesIn(sim)).toEqual([`istiod-${Old}`]);
    expect([statusOf(sim, `istiod-${New}`), statusOf(sim, `istiod-${Old}`)]).toEqual([undefined, 'deployed']);
    expect([tagIn(sim), ownerIn(sim, Old)]).toEqual([tagAt(Old), `istiod-${Old}`]);
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0 });
    await sim.advance(15 * 60_000);
    expect((await goUpgrade(sim, { runId: 'run3', through: 'canary' })).kind).toBe('reached');
  });

  it.for(['upgrade the CRDs', 'install istiod', 'uninstall istiod'])(
    'is completed by the next run when it is killed in: %s',
    async (text) => {
      const sim = await helmMesh();
      const killed = await goUpgrade(sim, {
        disturb: { how: 'kill', at: (event) => event.kind === 'effect-started' && event.text.startsWith(text) },
      });
      expect(killed.kind).toBe('killed');
      await sim.advance(60_000);
      const next = await goUpgrade(sim, { runId: 'run2' });
      expect([next.kind, next.codes]).toEqual(['completed', []]);
      expect([controlPlanesIn(sim), ownerIn(sim, New)]).toEqual([[`istiod-${New}`], `istiod-${New}`]);
    },
  );

  it('removes what a killed install left pending, and installs again', async () => {
    const sim = await helmMesh();
    expect((await goUpgrade(sim, { through: 'precheck' })).kind).toBe('reached');
    new HelmRelease(sim.registry, `istiod-${New}`).record('pending-install', []);
    const run = await goUpgrade(sim, { runId: 'run2' });
    expect([run.kind, run.codes]).toEqual(['completed', []]);
    expect(statusOf(sim, `istiod-${New}`)).toBe('deployed');
  });

  it.for(['istio-base', `istiod-${Old}`])('begins nothing while release %s is locked', async (name) => {
    const sim = await helmMesh();
    new HelmRelease(sim.registry, name).end('pending-upgrade');
    const run = await goUpgrade(sim);
    expect([run.kind, run.codes, run.writes]).toEqual(['blocked', ['HELM_RELEASE_PENDING'], 0]);
    expect(run.outcome?.problems[0]?.fix).toContain(`-l owner=helm,name=${name},status=pending-upgrade`);
  });

  it('begins nothing where one release holds CRDs and istiod', async () => {
    const sim = await servingMesh({ seed });
    adoptByHelm(sim.registry, { version: '1.30.4', revision: Old });
    new HelmRelease(sim.registry, 'istio-base').adopt(istiodObjects(Old, '1.30.4'));
    const run = await goUpgrade(sim);
    expect([run.kind, run.codes, run.writes]).toEqual(['blocked', ['TAG_GOES_WITH_OLD', 'HELM_RELEASE_HOLDS_MORE'], 0]);
  });

  it('begins nothing where the tag would go with the old release', async () => {
    const sim = await helmMesh();
    new HelmRelease(sim.registry, `istiod-${Old}`).adopt(tagObjects('default'));
    const run = await goUpgrade(sim);
    expect([run.kind, run.codes, run.writes]).toEqual(['blocked', ['TAG_GOES_WITH_OLD'], 0]);
  });

  it('does not remove a release whose manifest holds the tag, whatever the marks say', async () => {
    const sim = await helmMesh();
    const old = new HelmRelease(sim.registry, `istiod-${Old}`);
    old.record('deployed', [...old.manifest, ...tagObjects('default')]);
    const run = await goUpgrade(sim);
    expect([run.kind, run.codes]).toEqual(['held', ['TAG_GOES_WITH_OLD']]);
    expect(sim.store.get(MutatingWebhooks, 'istio-revision-tag-default')).toBeDefined();
    expect(controlPlanesIn(sim)).toEqual([`istiod-${Old}`, `istiod-${New}`]);
  });

  it('does not remove a release that holds more than its istiod', async () => {
    const sim = await helmMesh();
    const old = new HelmRelease(sim.registry, `istiod-${Old}`);
    const gateway = { metadata: { name: 'istio-ingressgateway', namespace: 'istio-ingress' } };
    old.record('deployed', [...old.manifest, { kind: Deployments, object: gateway }]);
    const run = await goUpgrade(sim);
    expect([run.kind, run.codes]).toEqual(['held', ['UNINSTALL_TAKES_MORE']]);
  });

  it('is refused where the config says helm and istioctl installed the old istiod', async () => {
    const sim = await servingMesh({ seed });
    const run = await goUpgrade(sim, { config: configOf({ more: 'mesh: { installer: helm }' }) });
    expect([run.kind, run.codes, run.writes]).toEqual(['blocked', ['NOT_INSTALLED_BY_HELM'], 0]);
  });

  it('that was begun by others goes on by others', async () => {
    const sim = await helmMesh();
    const config = configOf({ more: 'mesh: { installer: external }' });
    expect((await goUpgrade(sim, { config })).kind).toBe('waiting');
    const run = await goUpgrade(sim, { runId: 'run2' });
    expect([run.kind, journalIn(sim)?.plan.installer]).toEqual(['waiting', 'external']);
    expect((await goBack(sim, { runId: 'run3' })).kind).not.toBe('thrown');
  });
});
