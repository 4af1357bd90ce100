import { describe, expect, it } from 'vitest';
import { HelmRelease, istiodObjects, tagObjects } from '../../harness/rehearsal/sim/istio/helm-release.ts';
import {
  configOf,
  controlPlanesIn,
  goCheck,
  goUpgrade,
  New,
  Old,
  podsIn,
  seedPods,
  servingMesh,
  tagAt,
  tagIn,
} from './engine-fixtures.ts';

const seed = 71;
const install = 'istioctl install -y --set profile=minimal --revision {revision}';
const remove = '[istioctl, uninstall, --revision, "{revision}", -y]';

const config = (commands: { install?: string; remove?: string } = {}) =>
  configOf({
    more: `mesh: { installer: { command: { install: "${commands.install ?? install}", remove: ${commands.remove ?? remove} } } }`,
  });

describe(`an upgrade by commands of the config (seed ${seed})`, () => {
  it('goes through all stages, and check tells who installs', async () => {
    const sim = await servingMesh({ seed });
    const { findings } = await goCheck(sim, config());
    expect(findings.filter(({ code }) => code === 'INSTALLER_TOLD').map(({ message }) => message)).toEqual([
      `Your own commands (mesh.installer.command) install istiod ${New} and remove ${Old}. What they would do cannot be shown here: stage 3 compares the configuration of the two istiods before the tag moves.`,
    ]);
    const run = await goUpgrade(sim, { config: config() });
    expect([run.kind, run.codes]).toEqual(['completed', []]);
    expect([tagIn(sim), podsIn(sim)]).toEqual([tagAt(New), seedPods(New)]);
    expect(controlPlanesIn(sim)).toEqual([`istiod-${New}`]);
    expect((await goUpgrade(sim, { config: config(), runId: 'run2' })).kind).toBe('nothing-to-do');
  });

  it('goes through all stages where Helm owns the old istiod, without a word of mixed installers', async () => {
    const sim = await servingMesh({ seed });
    new HelmRelease(sim.registry, `istiod-${Old}`).adopt(istiodObjects(Old, '1.30.4'));
    await sim.settle();
    // The commands of this test are of istioctl, which does not remove what Helm installed.
    const run = await goUpgrade(sim, { config: config(), through: 'rest' });
    expect([run.kind, run.codes]).toEqual(['reached', []]);
  });

  it('compares the configurations of the two istiods before the tag moves, since nothing showed it earlier', async () => {
    const sim = await servingMesh({ seed });
    const run = await goUpgrade(sim, { config: config({ install: `${install} --set meshConfig.accessLogFile=x` }) });
    expect(run.kind).toBe('completed');
    const other = await servingMesh({ seed, set: ['meshConfig.outboundTrafficPolicy.mode=REGISTRY_ONLY'] });
    const lost = await goUpgrade(other, { config: config() });
    expect([lost.kind, lost.codes]).toEqual(['held', ['CONFIGURATION_LOST']]);
    expect(tagIn(other)).toEqual(tagAt(Old));
  });

  it('rolls back a bad release and leaves both istiods', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.2 });
    const run = await goUpgrade(sim, { config: config() });
    expect([run.kind, run.codes]).toEqual(['rolled-back', ['GATE_FAILED']]);
    expect([tagIn(sim), podsIn(sim)]).toEqual([tagAt(Old), seedPods(Old)]);
    expect(controlPlanesIn(sim)).toEqual([`istiod-${Old}`, `istiod-${New}`]);
  });

  it.for(['install istiod', 'uninstall istiod'])(
    'is completed by the next run when it is killed in: %s',
    async (text) => {
      const sim = await servingMesh({ seed });
      const killed = await goUpgrade(sim, {
        config: config(),
        disturb: { how: 'kill', at: (event) => event.kind === 'effect-started' && event.text.startsWith(text) },
      });
      expect(killed.kind).toBe('killed');
      // What the killed run started may still end.
      await sim.advance(60_000);
      const next = await goUpgrade(sim, { config: config(), runId: 'run2' });
      expect([next.kind, next.codes]).toEqual(['completed', []]);
      expect(controlPlanesIn(sim)).toEqual([`istiod-${New}`]);
    },
  );

  it.for([
    {
      what: 'does nothing and ends with 0',
      line: 'istioctl version --remote=false {revision}',
      code: 'EFFECT_WITHOUT_RESULT',
    },
    { what: 'ends with 1', line: 'istioctl nonsense {revision}', code: 'EFFECT_FAILED' },
    { what: 'cannot be started', line: 'helmfile -l rev={revision} apply', code: 'EFFECT_FAILED' },
  ])('ends before the tag moves when the install command $what', async ({ line, code }) => {
    const sim = await servingMesh({ seed });
    const run = await goUpgrade(sim, { config: config({ install: line }) });
    expect([run.kind, run.codes]).toEqual(['held', [code]]);
    expect(tagIn(sim)).toEqual(tagAt(Old));
  });

  it('removes no istiod with which a tag would go', async () => {
    const sim = await servingMesh({ seed });
    const old = new HelmRelease(sim.registry, `istiod-${Old}`);
    old.adopt(istiodObjects(Old, '1.30.4'));
    const run = await goUpgrade(sim, {
      config: config(),
      disturb: {
        how: 'interrupt',
        at: (event) => {
          if (event.kind === 'stage-started' && event.step === 'restart-waves') old.adopt(tagObjects('default'));
          return false;
        },
      },
    });
    expect([run.kind, run.codes]).toEqual(['held', ['TAG_GOES_WITH_OLD']]);
    expect(controlPlanesIn(sim)).toEqual([`istiod-${Old}`, `istiod-${New}`]);
  });
});
