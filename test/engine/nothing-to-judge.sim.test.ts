import { describe, expect, it } from 'vitest';
import { Deployments } from '../../src/ports/kinds.ts';
import { renderEvent } from '../../src/report/render-event.ts';
import { configOf, goCheck, goUpgrade, journalIn, New, podsIn, seedPods, servingMesh } from './engine-fixtures.ts';

const seed = 24;
const ofTag = { 'istio.io/rev': 'default' };
const preview = '{ name: preview, namespaces: [preview] }';
const waves = `[{ name: canary, namespaces: [bar] }, ${preview}, { name: rest, namespaces: "*" }]`;
const config = configOf({ waves });

describe(`a wave with nothing to judge (seed ${seed})`, () => {
  const cases = [
    {
      what: 'all workloads are scaled to zero',
      workloads: [
        { name: 'app', replicas: 0 },
        { name: 'web', replicas: 0 },
      ],
    },
    { what: 'its namespace has no workload', workloads: [] },
  ];

  it.for(cases)('is passed over by name when $what', async ({ workloads }) => {
    const sim = await servingMesh({ seed, more: [{ name: 'preview', labels: ofTag, workloads }] });
    const { findings } = await goCheck(sim, config);
    const found = findings.find(({ code }) => code === 'WAVE_WITHOUT_PODS');
    expect(found).toMatchObject({ severity: 'notes', objects: ['preview'] });
    const run = await goUpgrade(sim, { config });
    expect(run).toMatchObject({ kind: 'completed', codes: [] });
    const verdict = journalIn(sim)?.marks.waves['preview']?.verdict;
    expect(verdict).toMatchObject({ verdict: 'pass', reason: expect.stringContaining('it has no pods to judge') });
    expect(verdict?.answers).toEqual([]);
    const told = run.events.find((event) => event.kind === 'verdict' && event.wave === 'preview');
    expect(told && renderEvent(told, told.at).join()).toContain('wave preview: pass: it has no pods to judge');
    expect(podsIn(sim)).toEqual(seedPods(New));
  });

  it('is passed over when all of its workloads are waived', async () => {
    const waiver = '{ workload: Deployment preview/app, reason: by hand, until: "2099-12-31" }';
    const more = [{ name: 'preview', labels: ofTag, workloads: [{ name: 'app', replicas: 2 }] }];
    const sim = await servingMesh({ seed, more });
    const run = await goUpgrade(sim, { config: configOf({ waves, more: `waivers: [${waiver}]` }) });
    // The old istiod stays for the waived pods.
    expect(run).toMatchObject({ kind: 'held', codes: ['OLD_REVISION_IN_USE'] });
    expect(journalIn(sim)?.marks.waves['preview']?.verdict?.verdict).toBe('pass');
  });

  it('is judged once its workloads are scaled up during the upgrade', async () => {
    const more = [{ name: 'preview', labels: ofTag, workloads: [{ name: 'app', replicas: 0 }] }];
    const sim = await servingMesh({ seed, more });
    sim.when(
      () => journalIn(sim)?.marks.waves['rest']?.startedAt !== undefined,
      () => {
        const target = { name: 'app', namespace: 'preview' };
        sim.registry.patch(
          Deployments,
          target,
          { type: 'merge', body: { spec: { replicas: 2 } } },
          { manager: 'kubectl' },
        );
        sim.traffic.setRate({ namespace: 'preview', rps: 50 });
        sim.traffic.setErrorRatio({ revision: New, namespace: 'preview', ratio: 1 });
      },
    );
    const run = await goUpgrade(sim, { config });
    expect(run).toMatchObject({ kind: 'rolled-back', codes: expect.arrayContaining(['GATE_FAILED']) });
  });

  it('is not a wave whose pods disappear during its bake', async () => {
    const more = [{ name: 'preview', labels: ofTag, workloads: [{ name: 'app', replicas: 2 }] }];
    const sim = await servingMesh({ seed, more });
    sim.when(
      () => journalIn(sim)?.marks.waves['preview']?.readyAt !== undefined,
      () => {
        const target = { name: 'app', namespace: 'preview' };
        sim.registry.patch(
          Deployments,
          target,
          { type: 'merge', body: { spec: { replicas: 0 } } },
          { manager: 'keda' },
        );
      },
    );
    const run = await goUpgrade(sim, { config });
    expect(run.outcome?.kind).not.toBe('completed');
    expect(journalIn(sim)?.marks.waves['preview']?.verdict?.verdict).not.toBe('pass');
  });

  it('blocks as the canary, which is there to be judged', async () => {
    const sim = await servingMesh({ seed, more: [{ name: 'preview', labels: ofTag, workloads: [] }] });
    const { findings } = await goCheck(sim, configOf({ waves: `[${preview}, { name: rest, namespaces: "*" }]` }));
    const blind = findings.find(({ code }) => code === 'GATE_BLIND');
    expect(blind).toMatchObject({ severity: 'blocks', message: expect.stringContaining('no pod with a sidecar') });
  });
});
