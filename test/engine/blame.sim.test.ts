import { describe, expect, it } from 'vitest';
import { simRun } from '../../harness/rehearsal/backends/sim-run.ts';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { check } from '../../src/engine/check.ts';
import { Deployments, Pods } from '../../src/ports/kinds.ts';
import type { Pod } from '../../src/ports/objects.ts';
import {
  configOf,
  type Ended,
  goUpgrade,
  journalIn,
  New,
  Old,
  podsIn,
  seedPods,
  servingMesh,
  tagIn,
} from './engine-fixtures.ts';

const seed = 71;
const minuteMs = 60_000;

/** A namespace `shop` of the wave `rest` with workloads of two pods each. */
const shopOf = (...names: string[]) => ({
  name: 'shop',
  labels: { 'istio.io/rev': 'default' },
  workloads: names.map((name) => ({ name, replicas: 2 })),
});

const isOf =
  (name: string, revision?: string) =>
  ({ metadata }: Pod): boolean =>
    metadata.namespace === 'shop' &&
    metadata.name.startsWith(`${name}-`) &&
    (revision === undefined || metadata.annotations?.['istio.io/rev'] === revision);

const crash = (sim: Sim, matches: (pod: Pod) => boolean) => sim.kubelet.addRule({ matches, stage: 'app-crash-loop' });

/** What was set aside, by code and workload. */
const asideIn = (run: Ended): readonly string[] =>
  run.events.flatMap((event) =>
    event.kind === 'problem' && event.decision === 'go on without it'
      ? [`${event.problem.code} ${event.problem.objects[0]}`]
      : [],
  );

const changeTemplate = (sim: Sim, name: string) =>
  sim.registry.patch(
    Deployments,
    { name, namespace: 'shop' },
    {
      type: 'merge',
      body: { spec: { template: { metadata: { annotations: { 'example.com/release': 'two' } } } } },
    },
    { manager: 'kubectl' },
  );

const verdictOf = (sim: Sim, wave: string) => journalIn(sim)?.marks.waves[wave]?.verdict?.verdict;

describe(`whose failure it is (seed ${seed})`, () => {
  it('is not the release when a workload crashed for weeks before the upgrade: it is set aside, and the others go on', async () => {
    const sim = await servingMesh({ seed, more: [shopOf('abandoned', 'it')] });
    crash(sim, isOf('abandoned'));
    await sim.advance(5 * minuteMs);
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'held', codes: ['OLD_REVISION_IN_USE'] });
    expect(asideIn(run)).toEqual(['WORKLOAD_BROKEN Deployment shop/abandoned']);
    expect(podsIn(sim)).toMatchObject(seedPods(New));
    expect(verdictOf(sim, 'rest')).toBe('pass');
  });

  it('is not the release when an application is no better than before, although none of its old pods is left', async () => {
    const sim = await servingMesh({ seed, more: [shopOf('ailing', 'it')] });
    const stop = crash(sim, isOf('ailing'));
    await sim.advance(minuteMs);
    const { run, cluster } = await sim.run(simRun(sim));
    const { findings } = await sim.run(check(run, configOf()));
    await sim.run(cluster.close());
    expect(findings.find(({ code }) => code === 'WORKLOAD_UNHEALTHY')?.objects).toEqual([
      'Deployment shop/ailing: 0 of 2 ready: container app: CrashLoopBackOff',
    ]);
    sim.when(
      () => tagIn(sim)['webhook'] === New,
      () => {
        for (const { metadata } of sim.pods('shop').filter(isOf('ailing'))) sim.registry.delete(Pods, metadata);
      },
    );
    const ended = await goUpgrade(sim);
    stop();
    expect(journalIn(sim)?.marks.unhealthyBefore).toEqual({
      workloads: { 'Deployment shop/ailing': { desired: 2, ready: 0 } },
      more: 0,
    });
    expect(asideIn(ended)).toEqual(['WORKLOAD_BROKEN Deployment shop/ailing']);
  });

  it('is only suspected of one application that crashes since its restart: it is named and set aside after two minutes', async () => {
    const sim = await servingMesh({ seed, more: [shopOf('one', 'it')] });
    crash(sim, isOf('one', New));
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'held', codes: ['OLD_REVISION_IN_USE'] });
    expect(asideIn(run)).toEqual(['WORKLOAD_SUSPECTED Deployment shop/one']);
    expect(podsIn(sim)).toMatchObject(seedPods(New));
  });

  it('is the release when more applications crash since their restart than on.broken allows', async () => {
    const sim = await servingMesh({ seed, more: [shopOf('a', 'b', 'c', 'd', 'e')] });
    for (const name of ['a', 'b', 'c', 'd']) crash(sim, isOf(name, New));
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['TOO_MANY_BROKEN'] });
    expect(run.outcome?.problems[0]?.objects.toSorted().join()).toMatch(/shop\/a.*shop\/b.*shop\/c.*shop\/d/);
    expect(podsIn(sim)).toMatchObject(seedPods(Old));
  });

  it('is not the release when a team rolled out a template that crashes before the restart, after the tag had moved', async () => {
    const sim = await servingMesh({ seed, more: [shopOf('one')] });
    const isBroken = ({ metadata }: Pod) => metadata.annotations?.['example.com/release'] === 'two';
    crash(sim, (pod) => isOf('one')(pod) && isBroken(pod));
    sim.when(
      () => tagIn(sim)['webhook'] === New,
      () => changeTemplate(sim, 'one'),
    );
    const run = await goUpgrade(sim);
    expect(asideIn(run)).toEqual(['WORKLOAD_BROKEN Deployment shop/one']);
    expect(run).toMatchObject({ kind: 'held', codes: ['OLD_REVISION_IN_USE'] });
  });

  it('is not the release when a team changes its template to one that crashes, in a wave that passed long ago', async () => {
    const sim = await servingMesh({ seed });
    sim.when(
      () => verdictOf(sim, 'canary') === 'pass',
      () => {
        sim.registry.patch(
          Deployments,
          { name: 'bar', namespace: 'bar' },
          { type: 'merge', body: { spec: { template: { metadata: { annotations: { release: 'two' } } } } } },
          { manager: 'kubectl' },
        );
        sim.kubelet.addRule({
          matches: ({ metadata }) => metadata.namespace === 'bar' && metadata.annotations?.['release'] === 'two',
          stage: 'app-crash-loop',
        });
      },
    );
    const run = await goUpgrade(sim);
    expect(run.kind).toBe('completed');
    expect(asideIn(run)).toEqual(['WORKLOAD_BROKEN Deployment bar/bar']);
  });

  it('does not pass a canary whose sidecars crash after its bake has begun, and goes back', async () => {
    const sim = await servingMesh({ seed });
    sim.when(
      () => journalIn(sim)?.marks.waves['canary']?.readyAt !== undefined,
      () =>
        sim.in(20_000, () => {
          sim.kubelet.addRule({
            matches: ({ metadata }) => metadata.namespace === 'bar' && metadata.annotations?.['istio.io/rev'] === New,
            stage: 'crash-loop',
          });
        }),
    );
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['ROLLOUT_BROKEN'] });
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('judges a wave again before the removal when a workload that was set aside has recovered', async () => {
    const sim = await servingMesh({ seed, more: [shopOf('one', 'it')] });
    const heal = crash(sim, isOf('one', New));
    sim.when(
      () => verdictOf(sim, 'rest') === 'pass',
      () => {
        heal();
        changeTemplate(sim, 'one');
      },
    );
    const run = await goUpgrade(sim);
    expect(asideIn(run)).toEqual(['WORKLOAD_SUSPECTED Deployment shop/one']);
    expect(run).toMatchObject({ kind: 'held', codes: ['WAVE_NOT_JUDGED'] });
    expect(verdictOf(sim, 'rest')).toBeUndefined();
    const next = await goUpgrade(sim, { runId: 'run2' });
    expect(next.events.some((event) => event.kind === 'verdict' && event.wave === 'rest')).toBe(true);
    expect(next.kind).toBe('completed');
    expect(podsIn(sim)['shop']).toEqual({ [New]: 4 });
  });
});
