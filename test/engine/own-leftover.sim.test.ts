import { describe, expect, it } from 'vitest';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import type { Config } from '../../src/config/config.ts';
import { finalize } from '../../src/engine/finalize.ts';
import { removeNew } from '../../src/engine/roll-back.ts';
import { ConfigMaps, Deployments, Pods } from '../../src/ports/kinds.ts';
import type { ConfigMap, WorkloadObject } from '../../src/ports/objects.ts';
import {
  configOf,
  controlPlanesIn,
  go,
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
  tagAt,
  tagIn,
} from './engine-fixtures.ts';

const seed = 81;

const configWith = (...set: string[]): Config =>
  configOf({ target: `set: ${JSON.stringify(set)}`, more: 'pace: { rolloutTimeout: 1m }' });

const wrongImage = configWith('tag=1.31.0-typo');
const logsAsText = configWith('values.global.logAsJson=false');
const logsAsJson = configWith('values.global.logAsJson=true');

/** The new istiod as the cluster has it: the image that its ready pods run, and the values that it was installed with. */
function installedIn(sim: Sim): { images: readonly string[]; values: unknown } {
  const pods = sim.pods('istio-system').filter(({ metadata }) => metadata.name.startsWith(`istiod-${New}-`));
  const values = sim.store.get<ConfigMap>(ConfigMaps, `values-${New}`, 'istio-system')?.data?.['original-values'];
  return {
    images: pods.flatMap(({ spec, status }) =>
      (status?.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True')
        ? spec.containers.map(({ image }) => image ?? '')
        : ['not ready'],
    ),
    values: values === undefined ? undefined : JSON.parse(values),
  };
}

const rightImage = 'docker.io/istio/pilot:1.31.0';
const installs = (sim: Sim) => {
  const calls: string[] = [];
  const before = sim.interceptIstioctl;
  sim.interceptIstioctl = (args) => {
    if (args[0] === 'install') calls.push(args.join(' '));
    return before(args);
  };
  return calls;
};

/** The pods of the new istiod crash from now on. @returns what ends it */
function crash(sim: Sim): () => void {
  const isNew = (name: string) => name.startsWith(`istiod-${New}`);
  for (const { metadata } of sim.pods('istio-system'))
    if (isNew(metadata.name)) sim.registry.delete(Pods, { name: metadata.name, namespace: 'istio-system' });
  return sim.kubelet.addRule({ matches: ({ metadata }) => isNew(metadata.name), stage: 'crash-loop' });
}

describe(`an istiod that an earlier run of this tool installed (seed ${seed})`, () => {
  it('is installed again when its image was wrong and the config is corrected', async () => {
    const sim = await servingMesh({ seed });
    expect(await goUpgrade(sim, { config: wrongImage })).toMatchObject({ kind: 'held', codes: ['EFFECT_FAILED'] });
    expect(controlPlanesIn(sim)).toContain(`istiod-${New}`);
    const { blocked } = await goCheck(sim, configWith());
    expect(blocked).toBe(false);
    const run = await goUpgrade(sim, { runId: 'run2', config: configWith(), through: 'install-control-plane' });
    expect(run).toMatchObject({ kind: 'reached', codes: [] });
    expect(installedIn(sim).images).toEqual([rightImage]);
    expect((await goUpgrade(sim, { runId: 'run3', config: configWith() })).kind).toBe('completed');
    expect(podsIn(sim)).toEqual(seedPods(New));
  });

  it.for([
    { what: 'the tag has not moved', through: 'install-control-plane', back: false },
    { what: 'the upgrade was rolled back', through: 'canary', back: true },
  ])('is installed again with the values of the config, when $what', async ({ through, back }) => {
    const sim = await servingMesh({ seed });
    expect((await goUpgrade(sim, { config: logsAsText, through })).kind).toBe('reached');
    if (back) expect((await goBack(sim, { runId: 'back' })).kind).toBe('rolled-back');
    const calls = installs(sim);
    expect((await goUpgrade(sim, { runId: 'run2', config: logsAsJson })).kind).toBe('completed');
    expect(calls).toHaveLength(1);
    expect(installedIn(sim).values).toMatchObject({ global: { logAsJson: true } });
    expect(podsIn(sim)).toEqual(seedPods(New));
  });

  it('is installed again when its sidecar was refused before the tag moved, and the config is corrected', async () => {
    const sim = await servingMesh({ seed, set: ['values.pilot.cni.enabled=true'] });
    label(sim, 'bar', { 'pod-security.kubernetes.io/enforce': 'baseline' });
    const without = configOf({
      target: 'carryOver: false, accept: [pilot.cni]',
      more: 'pace: { rolloutTimeout: 1m }',
    });
    expect(await goUpgrade(sim, { config: without })).toMatchObject({ kind: 'held', codes: ['SIDECAR_REFUSED'] });
    const run = await goUpgrade(sim, { runId: 'run2', config: configWith() });
    expect(run).toMatchObject({ kind: 'completed', codes: [] });
  });

  it('is installed again when the run was killed during the install', async () => {
    const sim = await servingMesh({ seed });
    const at = (event: { kind: string; text?: string }) =>
      event.kind === 'effect-started' && event.text === `install istiod ${New}`;
    const killed = await goUpgrade(sim, { config: logsAsText, disturb: { at, how: 'kill' } });
    expect(killed.kind).toBe('killed');
    await sim.advance(10 * 60_000);
    const run = await goUpgrade(sim, { runId: 'run2', config: logsAsJson });
    expect(run.kind).toBe('completed');
    expect(installedIn(sim).values).toMatchObject({ global: { logAsJson: true } });
  });

  it('is not installed again when it is what the config asks for', async () => {
    const sim = await servingMesh({ seed });
    const calls = installs(sim);
    expect((await goUpgrade(sim, { config: logsAsText, through: 'canary' })).kind).toBe('reached');
    expect((await goBack(sim, { runId: 'back' })).kind).toBe('rolled-back');
    expect((await goUpgrade(sim, { runId: 'run2', config: logsAsText })).kind).toBe('completed');
    expect(calls).toHaveLength(1);
  });

  it('is held, and not installed again, once the tag names it; after a rollback it is', async () => {
    const sim = await servingMesh({ seed });
    expect((await goUpgrade(sim, { config: logsAsText, through: 'canary' })).kind).toBe('reached');
    const calls = installs(sim);
    const held = await goUpgrade(sim, { runId: 'run2', config: logsAsJson, replan: true });
    expect(held).toMatchObject({ kind: 'held', codes: ['INSTALLED_OTHERWISE'] });
    expect(held.outcome?.next).toMatch(/rollback/);
    expect(tagIn(sim)).toEqual(tagAt(New));
    expect(calls).toEqual([]);
    expect((await goBack(sim, { runId: 'back' })).kind).toBe('rolled-back');
    expect((await goUpgrade(sim, { runId: 'run3', config: logsAsJson })).kind).toBe('completed');
    expect(installedIn(sim).values).toMatchObject({ global: { logAsJson: true } });
  });

  it('is not held when the config has the values again that it was installed with', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, { config: logsAsText, through: 'canary' });
    expect((await goUpgrade(sim, { runId: 'run2', config: logsAsJson, replan: true })).kind).toBe('held');
    const run = await goUpgrade(sim, { runId: 'run3', config: logsAsText, replan: true });
    expect(run).toMatchObject({ kind: 'completed', codes: [] });
  });

  it('leads back, whatever the config asks for, when the tag names it and it does not serve', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, { config: logsAsText, through: 'canary' });
    crash(sim);
    await sim.advance(120_000);
    const run = await goUpgrade(sim, { runId: 'run2', config: logsAsJson, replan: true });
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['CONTROL_PLANE_LOST', 'INSTALLED_OTHERWISE'] });
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('is installed again although its pods crash, so that nothing can ask which proxies are connected', async () => {
    const sim = await servingMesh({ seed });
    const stop = crash(sim);
    expect((await goUpgrade(sim, { config: logsAsText })).kind).toBe('held');
    sim.interceptIstioctl = (args) => {
      if (args[0] === 'install') stop();
      return args[0] === 'proxy-status' ? 'fail-before' : undefined;
    };
    const run = await goUpgrade(sim, { runId: 'run2', config: logsAsJson, through: 'install-control-plane' });
    expect(run).toMatchObject({ kind: 'reached', codes: [] });
    expect(installedIn(sim)).toMatchObject({ images: [rightImage], values: { global: { logAsJson: true } } });
  });

  it('is not installed again while it cannot be read what uses it, and the run says what', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, { config: logsAsText, through: 'install-control-plane' });
    const calls = installs(sim);
    const body = JSON.stringify({ kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403, message: 'no' });
    sim.transport.interceptors.push(({ path }) =>
      path.includes('/virtualservices') ? { status: 403, body } : undefined,
    );
    const run = await goUpgrade(sim, { runId: 'run2', config: logsAsJson });
    expect(run).toMatchObject({ kind: 'blocked', codes: ['STUCK'] });
    expect(run.outcome?.problems[0]?.objects.join()).toContain(`cannot tell whether ${New} is unused: configuration`);
    expect(calls).toEqual([]);
  });

  it('is held while a namespace is labelled with it', async () => {
    const sim = await servingMesh({ seed });
    expect((await goUpgrade(sim, { config: logsAsText, through: 'install-control-plane' })).kind).toBe('reached');
    label(sim, 'outside', { 'istio.io/rev': New });
    const calls = installs(sim);
    const held = await goUpgrade(sim, { runId: 'run2', config: logsAsJson });
    expect(held).toMatchObject({ kind: 'blocked', codes: ['LEFTOVER_IN_USE'] });
    expect(held.outcome?.problems[0]?.objects).toEqual(['namespace label outside']);
    expect(calls).toEqual([]);
    label(sim, 'outside', { 'istio.io/rev': null });
    expect((await goUpgrade(sim, { runId: 'run3', config: logsAsJson })).kind).toBe('completed');
  });

  it('is installed anew after --remove-new', async () => {
    const sim = await servingMesh({ seed });
    expect(await goUpgrade(sim, { config: wrongImage })).toMatchObject({ kind: 'held' });
    expect(await goBack(sim, { runId: 'back' })).toMatchObject({ kind: 'rolled-back' });
    expect(await go(sim, (run) => removeNew(run), { runId: 'gone' })).toMatchObject({ kind: 'completed', codes: [] });
    expect(controlPlanesIn(sim)).toEqual([`istiod-${Old}`]);
    expect(journalIn(sim)?.marks.installed).toBeUndefined();
    expect((await goUpgrade(sim, { runId: 'run2', config: configWith() })).kind).toBe('completed');
  });

  it('does not count as ours after --remove-new, which a removal that is held does not change', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, { config: logsAsText, through: 'canary' });
    await goBack(sim, { runId: 'back' });
    label(sim, 'outside', { 'istio.io/rev': New });
    expect((await go(sim, (run) => removeNew(run), { runId: 'held' })).kind).toBe('held');
    label(sim, 'outside', { 'istio.io/rev': null });
    expect((await goUpgrade(sim, { runId: 'run2', config: logsAsJson })).kind).toBe('completed');
    expect(installedIn(sim).values).toMatchObject({ global: { logAsJson: true } });
  });

  it('is left by finalize as the cancelled run left it, and the next run installs it again', async () => {
    const sim = await servingMesh({ seed });
    const run = await goUpgrade(sim, { config: wrongImage, interruptAfterMs: 20_000 });
    expect(['interrupted', 'held']).toContain(run.kind);
    const config = configOf({ more: 'on: { cancel: rollback }' });
    await go(sim, (it) => finalize(it, config.on, { after: 'cancelled' }), { runId: 'final' });
    expect((await goUpgrade(sim, { runId: 'run2', config: configWith() })).kind).toBe('completed');
  });
});

describe(`an istiod of the target's revision that this tool did not install (seed ${seed})`, () => {
  const foreign = async (sim: Sim) => {
    const args = [
      'install',
      '-y',
      '--set',
      'profile=minimal',
      '--revision',
      New,
      '--set',
      'values.global.logAsJson=false',
    ];
    expect((await sim.run(sim.istioctlProcess('1.31.0').run(args, { timeoutMs: 300_000 }))).exitCode).toBe(0);
  };

  it('is not installed again, whatever the config asks for', async () => {
    const sim = await servingMesh({ seed });
    await foreign(sim);
    const calls = installs(sim);
    expect((await goUpgrade(sim, { config: logsAsJson })).kind).toBe('completed');
    expect(calls).toEqual([]);
    expect(installedIn(sim).values).toMatchObject({ global: { logAsJson: false } });
  });

  it('is not installed again when another tool has taken over what we installed', async () => {
    const sim = await servingMesh({ seed });
    expect((await goUpgrade(sim, { config: logsAsText, through: 'install-control-plane' })).kind).toBe('reached');
    const annotations = {
      'meta.helm.sh/release-name': `istiod-${New}`,
      'meta.helm.sh/release-namespace': 'istio-system',
    };
    const target = { name: `istiod-${New}`, namespace: 'istio-system' };
    sim.registry.patch(
      Deployments,
      target,
      { type: 'merge', body: { metadata: { annotations } } },
      { manager: 'helm' },
    );
    const calls = installs(sim);
    await goUpgrade(sim, { runId: 'run2', config: logsAsJson, through: 'install-control-plane' });
    expect(calls).toEqual([]);
    expect(
      sim.store.get<WorkloadObject>(Deployments, target.name, target.namespace)?.metadata.annotations,
    ).toMatchObject(annotations);
  });

  it('blocks stage 1 while it does not answer', async () => {
    const sim = await servingMesh({ seed });
    await foreign(sim);
    sim.kubelet.addRule({ matches: ({ metadata }) => metadata.name.startsWith(`istiod-${New}`), stage: 'crash-loop' });
    const target = { name: `istiod-${New}`, namespace: 'istio-system' };
    sim.registry.patch(Deployments, target, { type: 'merge', body: { spec: { replicas: 0 } } }, { manager: 'kubectl' });
    await sim.settle();
    expect(await goUpgrade(sim, { config: logsAsJson })).toMatchObject({ kind: 'blocked', codes: ['WEBHOOK_DEAD'] });
  });
});
