import { describe, expect, it } from 'vitest';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { MutatingWebhooks, Namespaces, Services, ValidatingWebhooks } from '../../src/ports/kinds.ts';
import {
  configOf,
  controlPlanesIn,
  goBack,
  goCheck,
  goUpgrade,
  journalIn,
  label,
  New,
  Old,
  podsIn,
  seedPods,
  servingMesh,
} from './engine-fixtures.ts';

const seed = 72;
const tag = 'prod-stable';
const config = configOf({ more: `mesh: { tag: ${tag} }` });

/** The seed mesh, which follows another tag than `default`; there is no tag `default`. */
async function meshWithoutDefault(remover = '1.31.0'): Promise<Sim> {
  const sim = await servingMesh({ seed });
  const istioctl = (...args: string[]) =>
    sim.run(sim.istioctlProcess(remover).run(['tag', ...args], { timeoutMs: 60_000 }));
  await istioctl('set', tag, '--revision', Old);
  for (const { metadata } of sim.store.list(Namespaces))
    if (metadata.labels?.['istio.io/rev'] === 'default') label(sim, metadata.name, { 'istio.io/rev': tag });
  await istioctl('remove', 'default', '-y');
  await sim.settle();
  return sim;
}

/** What makes up the tags of the mesh, and the revision that each object is labelled with. */
const tagObjects = (sim: Sim) =>
  Object.fromEntries(
    [MutatingWebhooks, ValidatingWebhooks, Services]
      .flatMap((kind) => sim.store.list(kind))
      .filter(({ metadata }) => metadata.labels?.['istio.io/tag'] !== undefined)
      .map(({ metadata }) => [metadata.name, metadata.labels?.['istio.io/rev']]),
  );

const ofTag = (revision: string) => ({
  [`istio-revision-tag-${tag}`]: revision,
  [`istiod-revision-tag-${tag}`]: revision,
});

describe(`a mesh that follows another tag and has no tag default (seed ${seed})`, () => {
  it('is told so by check, and does not block', async () => {
    const sim = await meshWithoutDefault();
    const { findings, blocked } = await goCheck(sim, config);
    expect(blocked).toBe(false);
    expect(findings.filter(({ code }) => code.includes('TAG'))).toMatchObject([
      { severity: 'notes', code: 'DEFAULT_TAG_MISSING' },
    ]);
  });

  it('is upgraded wholly, and has no tag default afterwards', async () => {
    const sim = await meshWithoutDefault();
    label(sim, 'outside', { 'istio-injection': 'enabled' });
    const run = await goUpgrade(sim, { config });
    expect([run.kind, run.codes]).toEqual(['completed', []]);
    expect(podsIn(sim)).toEqual(seedPods(New));
    expect(tagObjects(sim)).toEqual(ofTag(New));
    expect(controlPlanesIn(sim)).toEqual([`istiod-${New}`]);
    expect(sim.store.get(MutatingWebhooks, `istio-sidecar-injector-${New}`)).toBeDefined();
  });

  it('can be upgraded again from the values that were carried over', async () => {
    const sim = await meshWithoutDefault();
    await goUpgrade(sim, { config });
    const next = configOf({ version: '1.31.1', more: `mesh: { tag: ${tag} }` });
    const run = await goUpgrade(sim, { config: next, runId: 'run2', version: '1.31.1' });
    expect([run.kind, run.codes]).toEqual(['completed', []]);
    expect(tagObjects(sim)).toEqual(ofTag('1-31-1'));
  });

  it('is rolled back by the gate, and by hand', async () => {
    const sim = await meshWithoutDefault();
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.3 });
    expect(await goUpgrade(sim, { config })).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(podsIn(sim)).toEqual(seedPods(Old));
    expect(tagObjects(sim)).toEqual(ofTag(Old));

    const other = await meshWithoutDefault();
    expect((await goUpgrade(other, { config, through: 'restart-canary' })).kind).toBe('reached');
    expect((await goBack(other, { config, runId: 'run2' })).kind).toBe('rolled-back');
    expect(podsIn(other)).toEqual(seedPods(Old));
    expect(tagObjects(other)).toEqual(ofTag(Old));
  });

  it.for([{ installer: 'command' }, { installer: 'external' }] as const)(
    'is warned beforehand, and stops before its tag moves, when the install by $installer makes a tag default',
    async ({ installer }) => {
      const sim = await meshWithoutDefault();
      const install = 'istioctl install -y --set profile=minimal --revision {revision}';
      const by =
        installer === 'external'
          ? installer
          : `{ command: { install: "${install}", remove: "istioctl uninstall --revision {revision} -y" } }`;
      const byOthers = configOf({ more: `mesh: { tag: ${tag}, installer: ${by} }` });
      const { findings } = await goCheck(sim, byOthers);
      expect(findings.filter(({ code }) => code === 'DEFAULT_TAG_MISSING')).toMatchObject([{ severity: 'warns' }]);
      if (installer === 'external') {
        expect((await goUpgrade(sim, { config: byOthers })).kind).toBe('waiting');
        const args = install.replace('{revision}', New).split(' ').slice(1);
        await sim.run(sim.istioctlProcess('1.31.0').run(args, { timeoutMs: 600_000 }));
      }
      const run = await goUpgrade(sim, { config: byOthers, runId: 'run2' });
      // The first has installed something, the second nothing.
      expect([run.kind, run.codes]).toEqual([installer === 'command' ? 'held' : 'blocked', ['DEFAULT_TAG_TAKEN']]);
      expect(journalIn(sim, tag)?.marks.tagMovedAt).toBeUndefined();
      expect((await goUpgrade(sim, { config: byOthers, runId: 'run3' })).codes).toEqual(['DEFAULT_TAG_TAKEN']);
      await sim.run(sim.istioctlProcess('1.31.0').run(['tag', 'remove', 'default', '-y'], { timeoutMs: 60_000 }));
      await sim.settle();
      const goesOn = await goUpgrade(sim, { config: byOthers, runId: 'run4', through: 'move-tag' });
      expect([goesOn.kind, goesOn.codes]).toEqual(['reached', []]);
    },
  );

  it('stops in the same run when others install an istiod with a tag default while it waits for them', async () => {
    const sim = await meshWithoutDefault();
    const byOthers = configOf({ more: `mesh: { tag: ${tag}, installer: external }` });
    const args = ['install', '-y', '--set', 'profile=minimal', '--revision', New];
    sim.in(60_000, () => void sim.istioctlProcess('1.31.0').run(args, { timeoutMs: 600_000 }));
    const run = await goUpgrade(sim, { config: byOthers });
    expect(run.codes).toEqual(['DEFAULT_TAG_TAKEN']);
    expect(journalIn(sim, tag)?.marks.tagMovedAt).toBeUndefined();
  });

  it('goes on as it began when a person makes a tag default after the install', async () => {
    const sim = await meshWithoutDefault();
    expect((await goUpgrade(sim, { config, through: 'install-control-plane' })).kind).toBe('reached');
    await sim.run(
      sim.istioctlProcess('1.31.0').run(['tag', 'set', 'default', '--revision', New], { timeoutMs: 60_000 }),
    );
    await sim.settle();
    const run = await goUpgrade(sim, { config, runId: 'run2' });
    expect(run.codes).toEqual(['DEFAULT_TAG_TAKEN']);
    expect(journalIn(sim, tag)?.marks.tagMovedAt).toBeUndefined();
    await sim.run(sim.istioctlProcess('1.31.0').run(['tag', 'remove', 'default', '-y'], { timeoutMs: 60_000 }));
    await sim.settle();
    expect((await goUpgrade(sim, { config, runId: 'run3' })).kind).toBe('completed');
  });

  it('is asked to delete the validator that istioctl before 1.31 has left of a tag default (istio/istio#60538)', async () => {
    const sim = await meshWithoutDefault('1.30.4');
    const { findings } = await goCheck(sim, config);
    expect(findings.filter(({ code }) => /TAG_AT_OLD|VALIDATOR/.test(code))).toMatchObject([
      { severity: 'warns', code: 'VALIDATOR_LEFT', objects: ['istiod-default-validator'] },
    ]);
    const run = await goUpgrade(sim, { config });
    expect(run).toMatchObject({ kind: 'held', codes: ['OLD_REVISION_IN_USE'] });
    const [problem] = run.outcome?.problems ?? [];
    expect(problem?.objects).toEqual(['validator istiod-default-validator']);
    expect(problem?.fix).toContain('kubectl delete validatingwebhookconfiguration istiod-default-validator');
    sim.registry.delete(ValidatingWebhooks, { name: 'istiod-default-validator' });
    expect((await goUpgrade(sim, { config, runId: 'run2' })).kind).toBe('completed');
    expect(tagObjects(sim)).toEqual(ofTag(New));
  });
});
