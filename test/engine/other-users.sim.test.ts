import { brotliCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Sim, SimOptions } from '../../harness/rehearsal/sim/create-sim.ts';
import { injectedGateway } from '../../harness/rehearsal/sim/seed-mesh.ts';
import { ConfigMaps, Deployments, MutatingWebhooks } from '../../src/ports/kinds.ts';
import type { ConfigMap } from '../../src/ports/objects.ts';
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
  servingMesh,
} from './engine-fixtures.ts';

const seed = 61;
const both = [`istiod-${Old}`, `istiod-${New}`];

/** Makes or moves a tag as a person would, and waits until its objects are there. */
async function setTag(sim: Sim, tag: string, revision: string): Promise<void> {
  const args = ['tag', 'set', tag, '--revision', revision, '--overwrite'];
  await sim.run(sim.istioctlProcess('1.31.0').run(args, { timeoutMs: 60_000 }));
  await sim.settle();
}

/** The seed mesh, and a namespace that follows another tag on the same revision. */
async function twoTags(): Promise<Sim> {
  const sim = await servingMesh({ seed });
  await setTag(sim, 'prod', Old);
  sim.addNamespace({ name: 'shop', labels: { 'istio.io/rev': 'prod' }, workloads: [{ name: 'shop', replicas: 2 }] });
  await sim.advance(6 * 60_000);
  return sim;
}

const prod = () => configOf({ waves: '[{ name: canary, namespaces: [shop] }]', more: 'mesh: { tag: prod }' });

/** Findings of `check` with these codes: severity, code and objects. */
async function found(sim: Sim, codes: readonly string[], config = configOf()) {
  const { findings } = await goCheck(sim, config);
  return findings
    .filter(({ code }) => codes.includes(code))
    .map(({ severity, code, objects }) => ({ severity, code, objects }));
}

describe(`a proxy on a virtual machine that is connected to the old istiod (seed ${seed})`, () => {
  const vm = { name: 'ratings-vm-1', namespace: 'vm', version: '1.30.4' };

  it('is named by check', async () => {
    const sim = await servingMesh({ seed });
    sim.istiods.connectOutside(Old, vm);
    const { findings, blocked } = await goCheck(sim);
    expect(blocked).toBe(false);
    expect(findings.filter(({ code }) => code === 'PROXY_WITHOUT_POD')).toMatchObject([
      { severity: 'warns', objects: ['ratings-vm-1.vm'] },
    ]);
  });

  it('keeps the old istiod installed until it connects to the new one', async () => {
    const sim = await servingMesh({ seed });
    const disconnect = sim.istiods.connectOutside(Old, vm);
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'held', codes: ['OLD_REVISION_IN_USE'] });
    expect(run.outcome?.problems[0]).toMatchObject({
      objects: ['proxy without a pod ratings-vm-1.vm'],
      fix: expect.stringContaining(`Connect the proxies outside the cluster to istiod ${New}`),
    });
    expect(controlPlanesIn(sim)).toEqual(both);
    disconnect();
    sim.istiods.connectOutside(New, vm);
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
    expect(controlPlanesIn(sim)).toEqual([`istiod-${New}`]);
  });

  it('is not known, which check says, when istioctl cannot ask istiod', async () => {
    const sim = await servingMesh({ seed });
    sim.interceptIstioctl = (args) => (args[0] === 'proxy-status' ? 'fail-before' : undefined);
    expect(await found(sim, ['PROXY_WITHOUT_POD', 'DEPENDENTS_UNKNOWN'])).toEqual([
      { severity: 'notes', code: 'DEPENDENTS_UNKNOWN', objects: [expect.stringMatching(/^connected proxies: /)] },
    ]);
  });
});

describe(`the connection of istioctl itself (seed ${seed})`, () => {
  it('is no finding of a second check within half a minute', async () => {
    const sim = await servingMesh({ seed });
    await goCheck(sim);
    expect(await found(sim, ['PROXY_WITHOUT_POD', 'DEPENDENTS_UNKNOWN'])).toEqual([]);
  });
});

describe(`the upgrade of another tag from the same revision (seed ${seed})`, () => {
  it('keeps the old istiod while it can still go back to it, and check names it', async () => {
    const sim = await twoTags();
    expect((await goUpgrade(sim, { through: 'rest' })).kind).toBe('reached');
    expect(await found(sim, ['OTHER_UPGRADE_NEEDS_OLD'], prod())).toEqual([
      { severity: 'warns', code: 'OTHER_UPGRADE_NEEDS_OLD', objects: ['tag default'] },
    ]);
    const run = await goUpgrade(sim, { config: prod(), runId: 'run2' });
    expect(run).toMatchObject({ kind: 'held', codes: ['OLD_REVISION_IN_USE'] });
    expect(run.outcome?.problems[0]?.objects).toEqual([`unfinished upgrade default (${Old} -> ${New}, waiting)`]);
    expect(controlPlanesIn(sim)).toEqual(both);
    expect((await goBack(sim, { runId: 'run3' })).kind).toBe('rolled-back');
  });

  it('keeps the old istiod also if the journal of that upgrade is so long that it is compressed', async () => {
    const sim = await twoTags();
    expect((await goUpgrade(sim, { through: 'rest' })).kind).toBe('reached');
    const name = 'istio-canary-upgrade-default';
    const { metadata, data } = sim.store.get<ConfigMap>(ConfigMaps, name, 'istio-system') ?? { metadata: { name } };
    const compressed = brotliCompressSync(data?.['journal'] ?? '').toString('base64');
    sim.store.put<ConfigMap>(ConfigMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      binaryData: { 'journal.json.br': compressed },
    });
    const run = await goUpgrade(sim, { config: prod(), runId: 'run2' });
    expect(run).toMatchObject({ kind: 'held', codes: ['OLD_REVISION_IN_USE'] });
    expect(run.outcome?.problems[0]?.objects).toEqual([`unfinished upgrade default (${Old} -> ${New}, waiting)`]);
  });

  it('does not wait for one that waits for the removal itself, and both complete', async () => {
    const sim = await twoTags();
    expect((await goUpgrade(sim, { through: 'rest' })).kind).toBe('reached');
    expect((await goUpgrade(sim, { config: prod(), runId: 'run2' })).kind).toBe('held');
    expect((await goUpgrade(sim, { runId: 'run3' })).kind).toBe('completed');
    expect(controlPlanesIn(sim)).toEqual([`istiod-${New}`]);
    expect((await goUpgrade(sim, { config: prod(), runId: 'run4' })).kind).toBe('completed');
    expect(journalIn(sim, 'prod')?.state).toBe('completed');
  });

  it('is no use once it is complete or rolled back', async () => {
    const sim = await twoTags();
    expect((await goUpgrade(sim, { config: prod(), through: 'canary' })).kind).toBe('reached');
    expect((await goBack(sim, { config: prod(), runId: 'run2' })).kind).toBe('rolled-back');
    expect(await found(sim, ['OTHER_UPGRADE_NEEDS_OLD'])).toEqual([]);
  });
});

describe(`a second tag on the old revision (seed ${seed})`, () => {
  it('is named by check, and stage 8 asks to move it and not to take labels off its webhook', async () => {
    const sim = await twoTags();
    expect(await found(sim, ['OTHER_TAG_AT_OLD'], prod())).toEqual([
      { severity: 'warns', code: 'OTHER_TAG_AT_OLD', objects: ['tag default'] },
    ]);
    const run = await goUpgrade(sim, { config: prod() });
    expect(run).toMatchObject({ kind: 'held', codes: ['OLD_REVISION_IN_USE'] });
    expect(run.outcome?.problems[0]).toMatchObject({
      objects: expect.arrayContaining(['tag default (webhook istio-revision-tag-default)']),
      fix: expect.stringContaining(`istioctl tag set TAG --revision ${New} --overwrite`),
    });
    expect(sim.store.get(MutatingWebhooks, 'istio-revision-tag-default')).toBeDefined();
    expect(controlPlanesIn(sim)).toEqual(both);
  });
});

describe(`what names the old revision itself (seed ${seed})`, () => {
  const pinnedGateway = (): NonNullable<SimOptions['more']>[number] => {
    const gateway = injectedGateway('pinned-gateway');
    const labels = { ...gateway.template?.metadata?.labels, 'istio.io/rev': Old };
    const metadata = { ...gateway.template?.metadata, labels };
    return {
      name: 'edge',
      workloads: [{ ...gateway, template: { ...gateway.template, metadata } as NonNullable<typeof gateway.template> }],
    };
  };

  it('is named by check before an upgrade: a namespace, a workload and a gateway, which is not planned', async () => {
    const sim = await servingMesh({ seed, more: [pinnedGateway()] });
    label(sim, 'outside', { 'istio.io/rev': Old });
    const { plan, findings } = await goCheck(sim);
    expect(plan.gateways).toEqual(['istio-ingress/istio-ingressgateway']);
    expect(findings.filter(({ code }) => code === 'OLD_REVISION_NAMED')).toMatchObject([
      { severity: 'warns', objects: ['namespace outside', 'gateway Deployment edge/pinned-gateway'] },
    ]);
  });

  it('keeps the old istiod installed although all waves complete', async () => {
    const sim = await servingMesh({ seed, more: [pinnedGateway()] });
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'held', codes: ['OLD_REVISION_IN_USE'] });
    expect(run.outcome?.problems[0]?.objects).toContain('gateway Deployment edge/pinned-gateway');
    expect(run.effects.filter((effect) => effect.includes('pinned-gateway'))).toEqual([]);
  });

  it('blocks when the config names such a gateway', async () => {
    const sim = await servingMesh({ seed, more: [pinnedGateway()] });
    const config = configOf({ more: 'gateways: [istio-ingress/istio-ingressgateway, edge/pinned-gateway]' });
    expect(await found(sim, ['GATEWAY_NOT_OF_TAG'], config)).toEqual([
      { severity: 'blocks', code: 'GATEWAY_NOT_OF_TAG', objects: ['edge/pinned-gateway'] },
    ]);
  });

  it('is a sidecar that kube-inject wrote into a template: check warns of it, and does not call it a gateway', async () => {
    const sim = await servingMesh({ seed });
    const status = JSON.stringify({ containers: ['istio-proxy'], revision: Old });
    sim.addNamespace({
      name: 'legacy',
      workloads: [
        {
          name: 'ledger',
          template: {
            metadata: {
              labels: { app: 'ledger', 'sidecar.istio.io/inject': 'false' },
              annotations: { 'istio.io/rev': Old, 'sidecar.istio.io/status': status },
            },
            spec: {
              containers: [
                { name: 'app', image: 'registry.example/app:1' },
                { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.30.4' },
              ],
            },
          },
        },
      ],
    });
    await sim.settle();
    expect(sim.store.get(Deployments, 'ledger', 'legacy')).toBeDefined();
    expect(await found(sim, ['SIDECAR_IN_TEMPLATE', 'GATEWAY_NOT_INJECTED'])).toEqual([
      { severity: 'warns', code: 'SIDECAR_IN_TEMPLATE', objects: ['Deployment legacy/ledger'] },
    ]);
  });
});
