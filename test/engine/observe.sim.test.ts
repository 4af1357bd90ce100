import { describe, expect, it } from 'vitest';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import type { TimedEvent } from '../../src/model/events.ts';
import {
  configOf,
  type Ended,
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

const seed = 16;
const observe = (gate = '') => configOf({ gate: `mode: observe, ${gate}` });
const verdicts = ({ events }: Ended) =>
  events.flatMap((event) =>
    event.kind === 'verdict'
      ? [`${event.wave}: ${event.judged.verdict}${event.judged.observed ? ', observed' : ''}`]
      : [],
  );
const isVerdict = (event: TimedEvent) => event.kind === 'verdict' && event.wave === 'canary';
const waves = (sim: Sim) => journalIn(sim)?.marks.waves ?? {};

describe(`a gate that only observes (seed ${seed})`, () => {
  it('tells that every wave fails, and the upgrade completes', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, ratio: 0.2 });
    const run = await goUpgrade(sim, { config: observe() });
    expect(run).toMatchObject({ kind: 'completed', codes: [] });
    expect(verdicts(run)).toEqual(['gateways: fail, observed', 'canary: fail, observed', 'rest: fail, observed']);
    expect(podsIn(sim)).toEqual(seedPods(New));
    expect(run.outcome?.message).toContain(
      'The gate only observed, and did not decide: it would have stopped the upgrade at wave gateways (fail), wave canary (fail), wave rest (fail).',
    );
    expect(run.outcome?.verdict).toBe('fail');
  });

  it('is listed among the warnings of stage 1 by the upgrade itself, before the stage is done', async () => {
    const sim = await servingMesh({ seed });
    const { events } = await goUpgrade(sim, { config: observe(), through: 'precheck' });
    const kinds = events.map(({ kind }) => kind);
    const told = events.find((event) => event.kind === 'findings');
    expect(told?.findings.map(({ code, severity }) => `${code} ${severity}`)).toContain('GATE_ONLY_OBSERVES warns');
    expect(kinds.indexOf('findings')).toBeLessThan(kinds.indexOf('stage-done'));
  });

  it('does not begin the next wave before the bake of a wave that failed at its first look is over', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, ratio: 1 });
    const run = await goUpgrade(sim, { config: observe() });
    const { readyAt = 0 } = waves(sim)['canary'] ?? {};
    const next = waves(sim)['rest']?.startedAt ?? 0;
    expect(run.kind).toBe('completed');
    expect(next - readyAt).toBeGreaterThanOrEqual(120_000 + 30_000);
    expect(next - readyAt).toBeLessThan(180_000);
  });

  it('goes on after a wave that could not be judged in its longest bake', async () => {
    const sim = await servingMesh({ seed });
    const run = await goUpgrade(sim, { config: observe('maxBake: 4m, minRequests: 10000000') });
    expect(run).toMatchObject({ kind: 'completed', codes: [] });
    expect(verdicts(run)).toContain('canary: inconclusive, observed');
  });

  it('goes on when a wave that had passed fails while the old istiod soaks', async () => {
    const sim = await servingMesh({ seed });
    sim.when(
      () => journalIn(sim)?.marks.unusedSince !== undefined,
      () => sim.traffic.setErrorRatio({ revision: New, ratio: 0.5 }),
    );
    const config = { ...observe(), soakMs: 300_000 };
    const run = await goUpgrade(sim, { config });
    expect(run).toMatchObject({ kind: 'completed', codes: [] });
    expect(verdicts(run).filter((each) => each.includes('fail'))).not.toEqual([]);
  });

  it('does not wait for a wave that fails more than usual while no rest of the mesh tells why', async () => {
    const sim = await servingMesh({ seed });
    sim.when(
      () => journalIn(sim)?.marks.unusedSince !== undefined,
      () => sim.traffic.setErrorRatio({ revision: New, namespace: 'bar', ratio: 0.03 }),
    );
    const config = { ...observe(), soakMs: 300_000 };
    expect(await goUpgrade(sim, { config })).toMatchObject({ kind: 'completed', codes: [] });
  });

  it('keeps its verdict when a run that was killed after it is resumed', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, ratio: 0.2 });
    const config = observe();
    await goUpgrade(sim, { config, disturb: { how: 'kill', at: isVerdict } });
    const before = waves(sim)['canary']?.verdict?.at;
    const run = await goUpgrade(sim, { config, runId: 'run2' });
    expect(run).toMatchObject({ kind: 'completed', codes: [] });
    expect(waves(sim)['canary']?.verdict).toMatchObject({ verdict: 'fail', observed: true, at: before });
  });

  it('does not bake a wave again that could not be judged, unless asked', async () => {
    const sim = await servingMesh({ seed });
    const config = observe('maxBake: 4m, minRequests: 10000000');
    await goUpgrade(sim, { config, through: 'judge-canary' });
    const { readyAt, verdict } = waves(sim)['canary'] ?? {};
    expect(verdict?.verdict).toBe('inconclusive');
    const run = await goUpgrade(sim, { config, runId: 'run2' });
    expect(run.kind).toBe('completed');
    expect(waves(sim)['canary']?.readyAt).toBe(readyAt);
  });

  it('reaches the goal of --through after a wave that failed, and says so', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, ratio: 0.2 });
    const run = await goUpgrade(sim, { config: observe(), through: 'judge-canary' });
    expect(run).toMatchObject({ kind: 'reached', codes: [] });
    expect(run.outcome?.message).toContain(
      'it would have stopped the upgrade at wave gateways (fail), wave canary (fail)',
    );
  });

  it('is followed by a rollback when a person replans the upgrade with a gate that decides', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, ratio: 0.2 });
    await goUpgrade(sim, { config: observe(), through: 'judge-canary' });
    const config = configOf();
    expect(await goUpgrade(sim, { config, runId: 'run2' })).toMatchObject({ kind: 'thrown', codes: ['PLAN_CHANGED'] });
    const run = await goUpgrade(sim, { config, runId: 'run3', replan: true });
    expect(run).toMatchObject({ kind: 'rolled-back', codes: expect.arrayContaining(['GATE_FAILED']) });
    expect(tagIn(sim)).toEqual(tagAt(Old));
  });

  it('still stops at a rollout that the release has broken', async () => {
    const sim = await servingMesh({ seed });
    sim.kubelet.addRule({
      matches: ({ metadata, spec }) =>
        metadata.namespace === 'bar' && (spec.initContainers ?? spec.containers).length > 1,
      stage: 'crash-loop',
    });
    const run = await goUpgrade(sim, { config: observe() });
    expect(['held', 'rolled-back']).toContain(run.kind);
    expect(run.codes.every((code) => !code.startsWith('GATE_'))).toBe(true);
  });

  it('begins although Prometheus knows nothing of the canary, and warns of that and of the mode', async () => {
    const sim = await servingMesh({ seed });
    const config = observe('labels: { pod: no_such_label }');
    const checked = await goCheck(sim, config);
    expect(checked.blocked).toBe(false);
    const warned = checked.findings.filter(({ severity }) => severity === 'warns').map(({ code }) => code);
    expect(warned).toEqual(expect.arrayContaining(['GATE_ONLY_OBSERVES', 'GATE_BLIND']));
    const enforced = await goCheck(sim, configOf({ gate: 'labels: { pod: no_such_label }' }));
    expect(enforced.blocked).toBe(true);
    expect(enforced.findings.map(({ code }) => code)).not.toContain('GATE_ONLY_OBSERVES');
  });
});
