import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { Autoscalers, ConfigMaps, Deployments } from '../../src/ports/kinds.ts';
import type { ConfigMap, WorkloadObject } from '../../src/ports/objects.ts';
import { configOf, goCheck, goUpgrade, journalIn, New, Old, servingMesh, tagAt, tagIn } from './engine-fixtures.ts';

const seed = 71;
const set = [
  'meshConfig.outboundTrafficPolicy.mode=REGISTRY_ONLY',
  'meshConfig.trustDomain=mesh.example',
  'values.pilot.env.PILOT_X=on',
  'values.global.proxy.logLevel=debug',
];
const mesh = () => servingMesh({ seed, set });

const meshConfig = (sim: Sim, revision: string) =>
  parse(sim.registry.get<ConfigMap>(ConfigMaps, `istio-${revision}`, 'istio-system')?.data?.['mesh'] ?? '') as Record<
    string,
    unknown
  >;
const istiod = { name: `istiod-${Old}`, namespace: 'istio-system' };
const codes = (findings: readonly { code: string; severity: string }[]) =>
  findings.filter(({ code }) => code.startsWith('CONFIGURATION')).map(({ code, severity }) => `${severity} ${code}`);

describe(`the configuration of the new istiod (seed ${seed})`, () => {
  it('is that of the old one without a word in the config', async () => {
    const sim = await mesh();
    expect(codes((await goCheck(sim)).findings)).toEqual([]);
    expect((await goUpgrade(sim)).kind).toBe('completed');
    expect(meshConfig(sim, New)).toMatchObject({
      outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
      trustDomain: 'mesh.example',
    });
    const { spec } = sim.registry.get<WorkloadObject>(Deployments, `istiod-${New}`, 'istio-system') ?? {};
    expect(JSON.stringify(spec)).toContain('"name":"PILOT_X","value":"on"');
    expect(JSON.stringify(spec)).toContain('pilot:1.31.0');
  });

  it('is that of the config where it names another value', async () => {
    const sim = await mesh();
    const config = configOf({ target: 'set: ["meshConfig.outboundTrafficPolicy.mode=ALLOW_ANY"]' });
    expect(codes((await goCheck(sim, config)).findings)).toEqual(['warns CONFIGURATION_SET']);
    expect((await goUpgrade(sim, { config, through: '2' })).kind).toBe('reached');
    expect(meshConfig(sim, New)).toMatchObject({
      outboundTrafficPolicy: { mode: 'ALLOW_ANY' },
      trustDomain: 'mesh.example',
    });
  });

  it('is refused before anything is touched when nothing is carried over', async () => {
    const sim = await mesh();
    const config = configOf({ target: 'carryOver: false' });
    const run = await goUpgrade(sim, { config });
    expect([run.kind, run.codes, run.writes]).toEqual(['blocked', ['CONFIGURATION_LOST'], 0]);
    expect(run.outcome?.message).toMatch(/4 settings of 1-30-4: meshConfig\..* "REGISTRY_ONLY" -> none/);
  });

  it('may lack what is accepted', async () => {
    const sim = await mesh();
    const target = 'carryOver: false, accept: [meshConfig, pilot.env.PILOT_X, global.proxy.logLevel]';
    expect((await goUpgrade(sim, { config: configOf({ target }) })).kind).toBe('completed');
  });

  it('is compared before the tag moves, also where another tool installed the new istiod', async () => {
    const sim = await mesh();
    await sim.run(
      sim.istioctlProcess('1.31.0').run(['install', '-y', '--set', 'profile=minimal', '--revision', New], {
        timeoutMs: 300_000,
      }),
    );
    const run = await goUpgrade(sim);
    expect(run.codes).toContain('CONFIGURATION_LOST');
    expect(tagIn(sim)).toEqual(tagAt(Old));
  });

  it('is compared with what runs: a variable that was patched into the old istiod blocks', async () => {
    const sim = await mesh();
    const env = [{ name: 'PILOT_PATCHED', value: 'yes' }];
    const body = { spec: { template: { spec: { containers: [{ name: 'discovery', env }] } } } };
    sim.registry.patch(Deployments, istiod, { type: 'strategic-merge', body }, { manager: 'kubectl' });
    await sim.advance(60_000);
    const run = await goUpgrade(sim);
    expect([run.kind, run.codes]).toEqual(['blocked', ['CONFIGURATION_LOST']]);
    expect(run.outcome?.message).toContain('pilot.env.PILOT_PATCHED "yes" -> none');
    const config = configOf({ target: 'set: ["values.pilot.env.PILOT_PATCHED=yes"]' });
    expect((await goUpgrade(sim, { config, runId: 'run2' })).kind).toBe('completed');
  });

  it('is compared with what scales it: an autoscaler that was edited to keep more pods blocks', async () => {
    const sim = await mesh();
    const body = { spec: { minReplicas: 3 } };
    sim.registry.patch(Autoscalers, istiod, { type: 'merge', body }, { manager: 'kubectl' });
    const run = await goUpgrade(sim);
    expect([run.kind, run.codes, run.writes]).toEqual(['blocked', ['CONFIGURATION_LOST'], 0]);
    expect(run.outcome?.message).toContain('pilot.autoscaleMin 3 -> 1');
    const config = configOf({ target: 'accept: [pilot.autoscaleMin]' });
    expect((await goCheck(sim, config)).blocked).toBe(false);
  });

  it.for(['horizontalpodautoscalers', 'poddisruptionbudgets', 'networkpolicies'])(
    'is compared without %s where they may not be listed, which is told',
    async (resource) => {
      const sim = await mesh();
      expect((await goUpgrade(sim, { through: '2' })).kind).toBe('reached');
      const body = { spec: { minReplicas: 3 } };
      sim.registry.patch(Autoscalers, istiod, { type: 'merge', body }, { manager: 'kubectl' });
      sim.transport.access.deny({ verb: 'list', resource });
      const lost = resource === 'horizontalpodautoscalers' ? [] : ['blocks CONFIGURATION_LOST'];
      expect(codes((await goCheck(sim)).findings)).toEqual([...lost, 'warns CONFIGURATION_UNREAD']);
    },
  );

  it('is compared before the tag moves once more: an edit in between is not lost', async () => {
    const sim = await mesh();
    expect((await goUpgrade(sim, { through: '2' })).kind).toBe('reached');
    const data = { mesh: 'accessLogFile: /dev/stdout\n' };
    sim.registry.patch(
      ConfigMaps,
      { name: `istio-${Old}`, namespace: 'istio-system' },
      { type: 'merge', body: { data } },
    );
    const run = await goUpgrade(sim, { runId: 'run2' });
    expect(run.codes).toContain('CONFIGURATION_LOST');
    expect(tagIn(sim)).toEqual(tagAt(Old));
  });

  it('holds up no run once the tag has moved', async () => {
    const sim = await mesh();
    expect((await goUpgrade(sim, { through: 'canary' })).kind).toBe('reached');
    const data = { mesh: 'accessLogFile: /dev/stdout\n' };
    sim.registry.patch(
      ConfigMaps,
      { name: `istio-${Old}`, namespace: 'istio-system' },
      { type: 'merge', body: { data } },
    );
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
  });

  it('of a ConfigMap that is no YAML blocks with its name', async () => {
    const sim = await mesh();
    const data = { mesh: 'a: [' };
    sim.registry.patch(
      ConfigMaps,
      { name: `istio-${Old}`, namespace: 'istio-system' },
      { type: 'merge', body: { data } },
    );
    const run = await goUpgrade(sim);
    expect(run.codes).toEqual(['CONFIGURATION_UNREADABLE']);
    expect(tagIn(sim)).toEqual(tagAt(Old));
  });

  it.for([
    { what: 'istiod and sidecars', set: ['values.global.tag=1.30.4'], says: 'the istiod 1-31-0 would be 1.30.4' },
    { what: 'sidecars alone', set: ['values.global.proxy.image=example.org/proxyv2:1.30.4'], says: 'the sidecars of' },
  ])('pins no other release: $what are refused before anything is touched', async ({ set: pinned, says }) => {
    const sim = await mesh();
    const run = await goUpgrade(sim, { config: configOf({ target: `set: ${JSON.stringify(pinned)}` }) });
    expect([run.kind, run.codes[0], run.writes]).toEqual(['blocked', 'RELEASE_NOT_TARGET', 0]);
    expect(run.outcome?.message).toContain(says);
  });

  it('is not that of another release which another tool installed under the name of the new revision', async () => {
    const sim = await mesh();
    const args = [
      'install',
      '-y',
      '--set',
      'profile=minimal',
      '--revision',
      New,
      ...set.flatMap((pair) => ['--set', pair]),
    ];
    await sim.run(sim.istioctlProcess('1.30.4').run(args, { timeoutMs: 300_000 }));
    const run = await goUpgrade(sim);
    expect([run.kind, run.codes[0]]).toEqual(['blocked', 'RELEASE_NOT_TARGET']);
    expect(tagIn(sim)).toEqual(tagAt(Old));
  });

  it('may be pinned by a digest, which is told', async () => {
    const sim = await mesh();
    const digest = `example.org/proxyv2@sha256:${'a'.repeat(64)}`;
    const config = configOf({ target: `set: ["values.global.proxy.image=${digest}"]` });
    const { findings, blocked } = await goCheck(sim, config);
    expect(blocked).toBe(false);
    expect(findings.map(({ code }) => code)).toContain('RELEASE_UNKNOWN');
  });

  it('is kept in the journal as long as the upgrade lasts', async () => {
    const sim = await mesh();
    await goUpgrade(sim, { through: 'canary' });
    expect(journalIn(sim)?.plan.install.carried).toMatchObject({ meshConfig: { trustDomain: 'mesh.example' } });
  });
});
