import { describe, expect, it } from 'vitest';
import { simRun } from '../../harness/rehearsal/backends/sim-run.ts';
import { addPodPolicy } from '../../harness/rehearsal/sim/api-server/pod-policy.ts';
import { createSim, type Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { check } from '../../src/engine/check.ts';
import { Deployments, MutatingWebhooks } from '../../src/ports/kinds.ts';
import type { Pod, WorkloadObject } from '../../src/ports/objects.ts';
import {
  configOf,
  type Ended,
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

const seed = 62;
const baseline = { 'pod-security.kubernetes.io/enforce': 'baseline' };

/** A mesh with istio-cni whose namespace `bar` is under PodSecurity: the old sidecar is accepted there, the new one is not. */
async function meshWithCni(): Promise<Sim> {
  const sim = await createSim({ seed, set: ['values.pilot.cni.enabled=true'] });
  label(sim, 'bar', baseline);
  await sim.advance(6 * 60_000);
  return sim;
}

const isNew = ({ metadata }: Pod) => metadata.annotations?.['istio.io/rev'] === New;

/** From now on a policy refuses pods with the new sidecar, or with any. */
const refuse = (sim: Sim, where: string | undefined, which: (pod: Pod) => boolean = isNew) =>
  addPodPolicy(sim.registry, {
    name: 'new-rule',
    allows: (pod) => (where !== undefined && pod.metadata.namespace !== where) || !which(pod),
    message: 'a new rule',
  });

/** Virtual milliseconds from the first pod that a controller could not make until the tag was back. */
async function timed(sim: Sim): Promise<{ run: Ended; backAfterMs: number }> {
  let refusedAt = Number.NaN;
  let backAt = Number.NaN;
  sim.store.onChange(({ kind, object }) => {
    const { conditions = [] } = (object as WorkloadObject).status ?? {};
    if (kind.plural === 'replicasets' && conditions.some(({ type }) => type === 'ReplicaFailure'))
      refusedAt = Math.min(sim.clock.now(), Number.isNaN(refusedAt) ? Number.POSITIVE_INFINITY : refusedAt);
    if (
      kind.plural === MutatingWebhooks.plural &&
      refusedAt > 0 &&
      Number.isNaN(backAt) &&
      tagIn(sim)['webhook'] === Old
    )
      backAt = sim.clock.now();
  });
  const run = await goUpgrade(sim);
  return { run, backAfterMs: backAt - refusedAt };
}

describe(`pods that are refused for their sidecar (seed ${seed})`, () => {
  it('are found before the tag moves, and nothing is restarted (istio/istio#54968, #35894)', async () => {
    const sim = await meshWithCni();
    const config = configOf({ target: 'carryOver: false, accept: [pilot.cni]' });
    const run = await goUpgrade(sim, { config });
    expect([run.kind, run.codes]).toEqual(['held', ['SIDECAR_REFUSED']]);
    expect(run.outcome?.message).toMatch(/Deployment bar\/bar .*violates PodSecurity "baseline:latest".*istio-init/);
    expect(tagIn(sim)).toEqual(tagAt(Old));
    expect(podsIn(sim)).toEqual(seedPods(Old));
    const { run: checking, cluster } = await sim.run(simRun(sim, { runId: 'run2' }));
    const { blocked, findings } = await sim.run(check(checking, config));
    await sim.run(cluster.close());
    expect(blocked).toBe(true);
    expect(findings.map(({ code }) => code)).toContain('SIDECAR_REFUSED');
  });

  it('are accepted when the new revision is installed like the old one', async () => {
    const sim = await meshWithCni();
    expect((await goUpgrade(sim)).kind).toBe('completed');
  });

  it('have the tag back within seconds when a policy appears in the middle of stage 7', async () => {
    const sim = await servingMesh({ seed });
    sim.when(
      () => journalIn(sim)?.marks.waves['canary']?.verdict !== undefined,
      () => refuse(sim, undefined),
    );
    const { run, backAfterMs } = await timed(sim);
    expect([run.kind, run.codes[0]]).toEqual(['rolled-back', 'SIDECAR_REFUSED']);
    expect(backAfterMs).toBeLessThan(5_000);
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('set their workload aside when they are refused with the old sidecar as well', async () => {
    const sim = await servingMesh({ seed });
    sim.when(
      () => journalIn(sim)?.marks.waves['canary']?.verdict !== undefined,
      () => refuse(sim, 'foo', () => true),
    );
    const run = await goUpgrade(sim, { through: 'rest' });
    const told = run.events.flatMap((event) => (event.kind === 'problem' ? [event] : []));
    expect(told[0]).toMatchObject({ problem: { code: 'PODS_REFUSED' }, decision: 'go on without it' });
    expect(podsIn(sim)).toMatchObject({ foo: { [Old]: 2 }, bar: { [New]: 2 }, baz: { [New]: 7 } });
    expect(tagIn(sim)).toEqual(tagAt(New));
  });

  it('with either sidecar hold up no run that goes on after the canary: a bad release is judged and rolled back', async () => {
    const sim = await servingMesh({ seed });
    expect((await goUpgrade(sim, { through: 'canary' })).kind).toBe('reached');
    label(sim, 'baz', baseline);
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.2 });
    const run = await goUpgrade(sim);
    expect([run.kind, run.codes[0]]).toEqual(['rolled-back', 'GATE_FAILED']);
    // The pods of `baz` are those of before: none can be made again until its policy goes.
    expect(podsIn(sim)).toMatchObject({ foo: { [Old]: 2 }, bar: { [Old]: 2 } });
    expect(podsIn(sim)['baz']?.[New]).toBeUndefined();
  });

  it('with either sidecar cost no pod of what may not surge: a StatefulSet, a DaemonSet and a Deployment that recreates are not restarted', async () => {
    const sim = await servingMesh({ seed });
    expect((await goUpgrade(sim, { through: 'canary' })).kind).toBe('reached');
    label(sim, 'baz', baseline);
    const body = { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } };
    sim.registry.patch(Deployments, { name: 'baz', namespace: 'baz' }, { type: 'merge', body }, { manager: 'kubectl' });
    const forward = await goUpgrade(sim, { runId: 'run2', through: 'rest' });
    const told = forward.events.flatMap((event) => (event.kind === 'problem' ? [event.problem.code] : []));
    expect(told).toEqual(Array(3).fill('PODS_WOULD_BE_REFUSED'));
    expect(podsIn(sim)).toMatchObject({ baz: { [Old]: 7 }, foo: { [New]: 2 } });
  });

  it('on the way back cost no pod either: what cannot roll stays as it is, and is named', async () => {
    const sim = await servingMesh({ seed });
    const config = configOf({ waves: '[{ name: canary, namespaces: [bar, baz] }, { name: rest, namespaces: "*" }]' });
    expect((await goUpgrade(sim, { config, through: 'canary' })).kind).toBe('reached');
    label(sim, 'baz', baseline);
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.2 });
    const run = await goUpgrade(sim, { config, runId: 'run2' });
    expect(run.kind).toBe('rollback-held');
    expect(podsIn(sim)).toMatchObject({ bar: { [Old]: 2 }, baz: { [New]: 7 } });
    const left = run.outcome?.problems.find(({ code }) => code === 'PODS_LEFT_BEHIND');
    expect(left?.objects.join('; ')).toMatch(
      /StatefulSet baz\/db: it is not restarted, since its new pods would be refused: .*PodSecurity/,
    );
  });

  it('set their workload aside when others of its class are accepted with the new sidecar', async () => {
    const sim = await servingMesh({ seed });
    sim.when(
      () => journalIn(sim)?.marks.waves['canary']?.verdict !== undefined,
      () => refuse(sim, 'foo'),
    );
    const run = await goUpgrade(sim, { through: 'rest' });
    const told = run.events.flatMap((event) => (event.kind === 'problem' ? [event] : []));
    expect(told[0]).toMatchObject({ problem: { code: 'WORKLOAD_REFUSED' }, decision: 'go on without it' });
    expect(podsIn(sim)).toMatchObject({ foo: { [Old]: 2 }, baz: { [New]: 7 } });
    expect(tagIn(sim)).toEqual(tagAt(New));
  });
});
