import { describe, expect, it } from 'vitest';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { HelmRelease, istiodObjects } from '../../harness/rehearsal/sim/istio/helm-release.ts';
import { removeNew } from '../../src/engine/roll-back.ts';
import type { TimedEvent } from '../../src/model/events.ts';
import { ConfigMaps, ServiceAccounts } from '../../src/ports/kinds.ts';
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

const seed = 73;
const flux = { 'kustomize.toolkit.fluxcd.io/name': 'mesh', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' };

/** The old istiod is of a Kustomization of Flux; the tag has no owner. */
async function gitOpsMesh(set: readonly string[] = []): Promise<Sim> {
  const sim = await servingMesh({ seed, set });
  for (const { kind, object } of istiodObjects(Old, '1.30.4'))
    if (sim.store.get(kind, object.metadata.name, object.metadata.namespace) !== undefined)
      sim.registry.patch(
        kind,
        object.metadata,
        { type: 'merge', body: { metadata: { labels: flux } } },
        { manager: 'kustomize-controller' },
      );
  return sim;
}

/** What Flux does after a commit; the only installer of the simulator is istioctl. */
async function commit(
  sim: Sim,
  what: 'new is installed' | 'old is removed',
  set: readonly string[] = [],
): Promise<void> {
  const args =
    what === 'old is removed'
      ? ['uninstall', '--revision', Old, '-y']
      : ['install', '-y', '--set', 'profile=minimal', '--revision', New, ...set.flatMap((pair) => ['--set', pair])];
  await sim.istioctlProcess('1.31.0').run(args, { timeoutMs: 600_000 });
}

const awaitedIn = (events: readonly TimedEvent[]) =>
  events.flatMap((event) => (event.kind === 'awaiting' ? event.awaited : []));

describe(`an upgrade of a mesh that GitOps installed (seed ${seed})`, () => {
  it('waits for the owner in stages 2 and 8, ends as waiting, and is resumed by the next run', async () => {
    const setting = 'meshConfig.outboundTrafficPolicy.mode=REGISTRY_ONLY';
    const sim = await gitOpsMesh([setting]);
    const { findings, blocked } = await goCheck(sim);
    expect(blocked).toBe(false);
    expect(findings.find(({ code }) => code === 'INSTALLER_TOLD')?.message).toContain(
      'waits in stages 2 and 8 until Flux Kustomization flux-system/mesh has done so',
    );
    const first = await goUpgrade(sim);
    expect([first.kind, first.outcome?.reason, first.outcome?.stage]).toEqual([
      'waiting',
      'AWAITS_OTHERS',
      'install-control-plane',
    ]);
    expect(awaitedIn(first.events)).toMatchObject([
      {
        what: `istiod ${New} of Istio 1.31.0 runs beside ${Old}, and no tag or label names it`,
        owner: 'Flux Kustomization flux-system/mesh',
        change: expect.arrayContaining([
          `- revision: ${Old}, + revision: ${New}`,
          '  meshConfig.outboundTrafficPolicy.mode: "REGISTRY_ONLY"',
        ]),
      },
    ]);
    expect(first.effects).toEqual([]);
    expect([controlPlanesIn(sim), tagIn(sim), journalIn(sim)?.state]).toEqual([
      [`istiod-${Old}`],
      tagAt(Old),
      'waiting',
    ]);

    await sim.run(commit(sim, 'new is installed', [setting]));
    const second = await goUpgrade(sim, { runId: 'run2' });
    expect([second.kind, second.outcome?.stage]).toEqual(['waiting', 'remove-old-revision']);
    expect(awaitedIn(second.events)).toMatchObject([
      { change: [`Remove istiod ${Old} through Flux Kustomization flux-system/mesh.`] },
    ]);
    expect([tagIn(sim), podsIn(sim)]).toEqual([tagAt(New), seedPods(New)]);

    await sim.run(commit(sim, 'old is removed'));
    const third = await goUpgrade(sim, { runId: 'run3' });
    expect([third.kind, third.codes]).toEqual(['completed', []]);
    expect(third.effects).not.toContain(`uninstall istiod ${Old}`);
    expect(controlPlanesIn(sim)).toEqual([`istiod-${New}`]);
  });

  it('goes on in the same run when the owner acts in time', async () => {
    const sim = await gitOpsMesh();
    const run = await goUpgrade(sim, {
      disturb: {
        how: 'kill',
        at: (event) => {
          if (event.kind === 'awaiting')
            sim.in(3 * 60_000, () => void commit(sim, event.number === 2 ? 'new is installed' : 'old is removed'));
          return false;
        },
      },
    });
    expect([run.kind, run.codes]).toEqual(['completed', []]);
    expect(awaitedIn(run.events)).toHaveLength(2);
    expect(controlPlanesIn(sim)).toEqual([`istiod-${New}`]);
  });

  it('waits for as long as pace.externalTimeout, also beyond the patience', async () => {
    const sim = await gitOpsMesh();
    const before = sim.clock.now();
    const run = await goUpgrade(sim, { config: configOf({ more: 'pace: { externalTimeout: 40m, patience: 5m }' }) });
    expect(run.kind).toBe('waiting');
    expect(Math.round((sim.clock.now() - before) / 60_000)).toBe(40);
  });

  it('does not move the tag to an istiod that the owner installed without settings of the old one', async () => {
    const sim = await gitOpsMesh(['meshConfig.outboundTrafficPolicy.mode=REGISTRY_ONLY']);
    await sim.run(commit(sim, 'new is installed'));
    const run = await goUpgrade(sim);
    expect([run.kind, run.codes]).toEqual(['blocked', ['CONFIGURATION_LOST']]);
    expect(tagIn(sim)).toEqual(tagAt(Old));
  });

  it('rolls back a bad release without a wait for the owner; the new istiod is removed by its owner too', async () => {
    const sim = await gitOpsMesh();
    await sim.run(commit(sim, 'new is installed'));
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.2 });
    const run = await goUpgrade(sim);
    expect([run.kind, run.codes]).toEqual(['rolled-back', ['GATE_FAILED']]);
    expect(awaitedIn(run.events)).toEqual([]);
    expect([tagIn(sim), podsIn(sim)]).toEqual([tagAt(Old), seedPods(Old)]);
    const removal = await go(sim, (running) => removeNew(running), { runId: 'run2' });
    expect([removal.kind, removal.outcome?.reason]).toEqual(['waiting', 'AWAITS_OTHERS']);
    expect(controlPlanesIn(sim)).toEqual([`istiod-${Old}`, `istiod-${New}`]);
  });

  it('can be rolled back by a person while it waits for the removal', async () => {
    const sim = await gitOpsMesh();
    await sim.run(commit(sim, 'new is installed'));
    expect((await goUpgrade(sim)).kind).toBe('waiting');
    expect((await goBack(sim, { runId: 'run2' })).kind).toBe('rolled-back');
    expect([tagIn(sim), podsIn(sim)]).toEqual([tagAt(Old), seedPods(Old)]);
  });

  it('waits for the rest of a removal that is under way, and removes nothing of it', async () => {
    const sim = await gitOpsMesh();
    await sim.run(commit(sim, 'new is installed'));
    expect((await goUpgrade(sim)).kind).toBe('waiting');
    const account = sim.store.get(ServiceAccounts, `istiod-${Old}`, 'istio-system');
    await sim.run(commit(sim, 'old is removed'));
    sim.registry.create(
      ServiceAccounts,
      { metadata: { name: `istiod-${Old}`, namespace: 'istio-system', labels: account?.metadata.labels ?? {} } },
      { manager: 'kustomize-controller' },
    );
    const run = await goUpgrade(sim, { runId: 'run2' });
    expect(run.kind).toBe('waiting');
    expect(awaitedIn(run.events)).toMatchObject([{ change: [`remove ServiceAccount istiod-${Old}`] }]);
    expect(sim.store.get(ServiceAccounts, `istiod-${Old}`, 'istio-system')).toBeDefined();
    sim.registry.delete(ServiceAccounts, { name: `istiod-${Old}`, namespace: 'istio-system' });
    expect((await goUpgrade(sim, { runId: 'run3' })).kind).toBe('completed');
    expect(sim.store.get(ConfigMaps, `values-${Old}`, 'istio-system')).toBeUndefined();
  });

  it('is refused where the config says that istioctl installs', async () => {
    const sim = await servingMesh({ seed });
    new HelmRelease(sim.registry, `istiod-${Old}`).adopt(istiodObjects(Old, '1.30.4'));
    const run = await goUpgrade(sim, { config: configOf({ more: 'mesh: { installer: istioctl }' }) });
    expect([run.kind, run.codes]).toEqual(['blocked', ['MIXED_INSTALLERS']]);
    expect(run.writes).toBe(0);
  });
});
