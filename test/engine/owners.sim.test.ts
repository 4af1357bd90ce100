import { describe, expect, it } from 'vitest';
import type { Sim, SimOptions } from '../../harness/rehearsal/sim/create-sim.ts';
import { HelmRelease, istiodObjects, tagObjects } from '../../harness/rehearsal/sim/istio/helm-release.ts';
import { injectionWebhooks } from '../../harness/rehearsal/sim/istio/webhooks.ts';
import { MutatingWebhooks, Pods, Services } from '../../src/ports/kinds.ts';
import type { WebhookConfiguration } from '../../src/ports/objects.ts';
import {
  configOf,
  controlPlanesIn,
  type Ended,
  goUpgrade,
  New,
  Old,
  podsIn,
  seedPods,
  servingMesh,
  tagAt,
  tagIn,
} from './engine-fixtures.ts';

const seed = 31;
const tag = tagObjects('default');
const isOfTag = ({ object }: { object: { metadata: { name: string } } }) =>
  tag.some((entry) => entry.object.metadata.name === object.metadata.name);

/** The old istiod belongs to a release of Helm, with the tag if the values list it. */
async function helmMesh({
  hasTag,
  ...options
}: SimOptions & { hasTag: boolean }): Promise<{ sim: Sim; old: HelmRelease }> {
  const sim = await servingMesh({ seed, ...options });
  const old = new HelmRelease(sim.registry, `istiod-${Old}`);
  old.adopt([...istiodObjects(Old, '1.30.4'), ...(hasTag ? tag : [])]);
  await sim.settle();
  return { sim, old };
}

async function installNewByHelm(sim: Sim): Promise<HelmRelease> {
  const args = ['install', '-y', '--set', 'profile=minimal', '--revision', New, '--readiness-timeout', '100s'];
  await sim.run(sim.istioctlProcess('1.31.0').run(args, { timeoutMs: 600_000 }));
  const release = new HelmRelease(sim.registry, `istiod-${New}`);
  release.adopt(istiodObjects(New, '1.31.0'));
  await sim.settle();
  return release;
}

const annotate = (sim: Sim, annotations: Record<string, string | null>) => {
  for (const { kind, object } of tag)
    sim.registry.patch(
      kind,
      object.metadata,
      { type: 'merge', body: { metadata: { annotations } } },
      { manager: 'kubectl-annotate' },
    );
};

/** What the finding says to do, in its order. */
function handTagOver(sim: Sim, old: HelmRelease): void {
  annotate(sim, { 'helm.sh/resource-policy': 'keep' });
  old.upgradeWithout(isOfTag);
  annotate(sim, { 'meta.helm.sh/release-name': null, 'meta.helm.sh/release-namespace': null });
}

/** Of a pod of `foo` that is created now. */
async function sidecarOfNewPod(sim: Sim): Promise<string> {
  const [pod] = sim.pods('foo');
  sim.registry.delete(Pods, { name: pod?.metadata.name ?? 'no pod', namespace: 'foo' });
  await sim.advance(20_000);
  return JSON.stringify(podsIn(sim)['foo'] ?? {});
}

const changesIn = ({ events }: Ended): readonly string[] =>
  events.flatMap((event) => (event.kind === 'awaiting' ? event.awaited.flatMap(({ change }) => change) : []));

/** By default Helm is called. */
const awaiting = configOf({ more: 'mesh: { installer: external }' });

describe(`an upgrade that waits for Helm (seed ${seed})`, () => {
  it('blocks in stage 1 where the release of the old istiod has the tag, and writes nothing', async () => {
    const { sim, old } = await helmMesh({ hasTag: true });
    await installNewByHelm(sim);
    const run = await goUpgrade(sim, { config: awaiting });
    expect([run.kind, run.codes]).toEqual(['blocked', ['TAG_GOES_WITH_OLD']]);
    expect(run.writes).toBe(0);
    // What the finding prevents.
    old.uninstall();
    expect(sim.store.get(MutatingWebhooks, 'istio-revision-tag-default')).toBeUndefined();
    expect(await sidecarOfNewPod(sim)).not.toContain(New);
  });

  it('completes after the hand-over that the finding describes, and the removal that stage 8 describes', async () => {
    const { sim, old } = await helmMesh({ hasTag: true });
    handTagOver(sim, old);
    expect(tagIn(sim)).toEqual(tagAt(Old));
    await installNewByHelm(sim);
    const run = await goUpgrade(sim, { config: awaiting });
    expect([run.kind, run.outcome?.stage]).toEqual(['waiting', 'remove-old-revision']);
    expect(changesIn(run)).toEqual([`Remove it by Helm: \`helm uninstall istiod-${Old} -n istio-system\`.`]);
    expect(podsIn(sim)).toEqual(seedPods(New));
    old.uninstall();
    await sim.settle();
    expect(tagIn(sim)).toEqual(tagAt(New));
    expect((await goUpgrade(sim, { config: awaiting, runId: 'run2' })).kind).toBe('completed');
    expect(await sidecarOfNewPod(sim)).toContain(New);
    expect(controlPlanesIn(sim)).toEqual([`istiod-${New}`]);
  });

  it('makes the Service of the tag again that went with the old istiod, before it completes', async () => {
    const { sim, old } = await helmMesh({ hasTag: false });
    await installNewByHelm(sim);
    expect((await goUpgrade(sim, { config: awaiting })).kind).toBe('waiting');
    old.uninstall();
    sim.registry.delete(Services, { name: 'istiod-revision-tag-default', namespace: 'istio-system' });
    await sim.settle();
    const run = await goUpgrade(sim, { config: awaiting, runId: 'run2' });
    expect([run.kind, run.codes]).toEqual(['completed', []]);
    expect(tagIn(sim)).toEqual(tagAt(New));
  });

  it('waits in stage 2, and says what to do by Helm', async () => {
    const { sim } = await helmMesh({ hasTag: false });
    const run = await goUpgrade(sim, { config: awaiting });
    expect([run.kind, run.outcome?.stage]).toEqual(['waiting', 'install-control-plane']);
    expect(changesIn(run)[0]).toContain(`helm install istiod-${New} istio/istiod -n istio-system --version 1.31.0`);
    expect(run.effects).toEqual([]);
    expect(controlPlanesIn(sim)).toEqual([`istiod-${Old}`]);
  });

  it('is not blocked for the next release by the annotations that tag set copied', async () => {
    const { sim } = await helmMesh({ hasTag: false });
    await installNewByHelm(sim);
    expect((await goUpgrade(sim, { config: awaiting, through: 'move-tag' })).kind).toBe('reached');
    expect(sim.store.get(MutatingWebhooks, 'istio-revision-tag-default')?.metadata.annotations).toMatchObject({
      'meta.helm.sh/release-name': `istiod-${New}`,
    });
    const run = await goUpgrade(sim, { config: awaiting, runId: 'run2', through: 'rest' });
    expect([run.kind, run.codes]).toEqual(['reached', []]);
  });

  it('does not advise at stage 8 to remove a release that has got hold of the tag meanwhile', async () => {
    const { sim, old } = await helmMesh({ hasTag: false });
    await installNewByHelm(sim);
    const run = await goUpgrade(sim, {
      config: awaiting,
      disturb: {
        how: 'interrupt',
        at: (event) => {
          if (event.kind === 'stage-started' && event.step === 'restart-waves') old.adopt(tag);
          return false;
        },
      },
    });
    expect([run.kind, run.codes]).toEqual(['held', ['TAG_GOES_WITH_OLD']]);
    expect(run.outcome?.problems[0]?.fix).not.toContain('helm uninstall');
  });
});

describe(`an upgrade whose tag is gone (seed ${seed})`, () => {
  it.for([
    { moved: New, through: 'rest', kind: 'held' },
    { moved: Old, through: 'install-control-plane', kind: 'blocked' },
  ])('says so before it compares plans, and advises to point it at $moved', async ({ moved, through, kind: ends }) => {
    const sim = await servingMesh({ seed });
    expect((await goUpgrade(sim, { through })).kind).toBe('reached');
    for (const { kind, object } of tag) sim.registry.delete(kind, object.metadata);
    const run = await goUpgrade(sim, { runId: 'run2' });
    expect([run.kind, run.codes[0]]).toEqual([ends, 'TAG_MISSING']);
    expect(run.codes.filter((code) => /^(WAVE|NAMESPACE)_/.test(code))).toEqual([]);
    expect(run.outcome?.problems[0]?.fix).toContain(`istioctl tag set default --revision ${moved}`);
  });
});

describe(`an upgrade while the owner of an old injector activates it again (seed ${seed})`, () => {
  const injector = 'istio-sidecar-injector';
  const webhooksOf = (sim: Sim) => sim.store.get<WebhookConfiguration>(MutatingWebhooks, injector)?.webhooks;

  it.for(['restart-canary', 'judge-canary', 'restart-waves'])('holds in stage %s and names the owner', async (step) => {
    const sim = await servingMesh({ seed, revision: 'default' });
    const active = injectionWebhooks('default', 'default', webhooksOf(sim)?.[0]?.clientConfig.caBundle, false);
    const run = await goUpgrade(sim, {
      disturb: {
        how: 'interrupt',
        at: (event) => {
          if (event.kind !== 'stage-started' || event.step !== step) return false;
          const body = { metadata: { labels: { 'helm.toolkit.fluxcd.io/name': 'istiod' } }, webhooks: active };
          sim.registry.patch(
            MutatingWebhooks,
            { name: injector },
            { type: 'merge', body },
            { manager: 'helm-controller' },
          );
          return false;
        },
      },
    });
    expect([run.kind, run.codes]).toEqual(['held', ['DOUBLE_INJECTION']]);
    expect(run.outcome?.problems[0]?.message).toContain('istio-sidecar-injector belongs to Flux HelmRelease istiod');
    expect(tagIn(sim)).toEqual(tagAt(New));
  });
});

const flux = { 'kustomize.toolkit.fluxcd.io/name': 'mesh', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' };

describe(`an upgrade of a mesh whose tag is in GitOps (seed ${seed})`, () => {
  const track = (sim: Sim, annotations: Record<string, string> = {}) => {
    for (const { kind, object } of tag)
      sim.registry.patch(
        kind,
        object.metadata,
        { type: 'merge', body: { metadata: { labels: flux, annotations } } },
        { manager: 'kustomize-controller' },
      );
  };

  it('blocks before anything is written', async () => {
    const sim = await servingMesh({ seed });
    track(sim);
    const run = await goUpgrade(sim);
    expect([run.kind, run.codes]).toEqual(['blocked', ['TAG_OWNED_BY_GITOPS']]);
    expect(run.outcome?.problems[0]?.message).toContain('Flux Kustomization flux-system/mesh');
    expect(run.writes).toBe(0);
  });

  it.for([
    { how: 'reconcile', value: 'disabled' },
    { how: 'ssa', value: 'IfNotPresent' },
  ])('completes where the annotation $how: $value keeps the owner off', async ({ how, value }) => {
    const sim = await servingMesh({ seed });
    track(sim, { [`kustomize.toolkit.fluxcd.io/${how}`]: value });
    expect((await goUpgrade(sim)).kind).toBe('completed');
    expect(tagIn(sim)).toEqual(tagAt(New));
  });
});
