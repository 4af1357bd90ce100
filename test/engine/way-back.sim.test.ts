import { describe, expect, it } from 'vitest';
import { StatusFailure } from '../../harness/rehearsal/sim/api-server/status-failure.ts';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { Deployments, Pods } from '../../src/ports/kinds.ts';
import type { Pod } from '../../src/ports/objects.ts';
import {
  goBack,
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

const seed = 51;

const patch = (sim: Sim, name: string, namespace: string, spec: object) =>
  sim.registry.patch(Deployments, { name, namespace }, { type: 'merge', body: { spec } }, { manager: 'kubectl' });

/** A mesh whose new release fails a third of the requests of sidecars from its first one on. */
async function badRelease(): Promise<Sim> {
  const sim = await servingMesh({ seed });
  sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.3 });
  return sim;
}

/** Calls back once, when the bake of the canary has begun. */
const whileBaking = (sim: Sim, action: () => void) =>
  sim.when(() => journalIn(sim)?.marks.waves['canary']?.readyAt !== undefined, action);

const isOf =
  (namespace: string, revision: string) =>
  ({ metadata }: Pod): boolean =>
    metadata.namespace === namespace && metadata.annotations?.['istio.io/rev'] === revision;

describe(`the rollback of a bad release (seed ${seed})`, () => {
  it('moves the tag back while one of two replicas of the old istiod is ready', async () => {
    const sim = await badRelease();
    whileBaking(sim, () => {
      const first = new Set(sim.pods('istio-system').map(({ metadata }) => metadata.name));
      sim.kubelet.addRule({
        matches: ({ metadata }) => metadata.name.startsWith(`istiod-${Old}`) && !first.has(metadata.name),
        stage: 'never-ready',
      });
      patch(sim, `istiod-${Old}`, 'istio-system', { replicas: 2 });
    });
    expect((await goUpgrade(sim)).kind).toBe('rolled-back');
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('waits with the tag for an old istiod that is away, and then completes', async () => {
    const sim = await badRelease();
    whileBaking(sim, () => {
      const stop = sim.kubelet.addRule({
        matches: ({ metadata }) => metadata.name.startsWith(`istiod-${Old}`),
        stage: 'crash-loop',
      });
      sim.in(5 * 60_000, stop);
    });
    const run = await goUpgrade(sim);
    expect(run.kind).toBe('rolled-back');
    const waits = run.events.flatMap((event) => (event.kind === 'waiting' ? event.shortfalls : []));
    expect(waits).toContainEqual({ what: `Deployment istiod-${Old}`, is: '0 of 1 ready', wants: 'ready' });
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('restores all that can roll, although a workload of the canary has an image that cannot be pulled', async () => {
    const sim = await badRelease();
    sim.when(
      () => tagIn(sim)['webhook'] === New,
      () =>
        sim.when(
          () => tagIn(sim)['webhook'] === Old,
          () => void sim.kubelet.addRule({ matches: isOf('bar', Old), stage: 'image-pull' }),
        ),
    );
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'rollback-held', codes: ['GATE_FAILED', 'PODS_LEFT_BEHIND', 'ROLLOUT_BROKEN'] });
    expect(run.outcome?.message).toMatch(/^2 pods still run 1-31-0: bar\/bar-\S+, bar\/bar-\S+\.$/);
    expect(podsIn(sim)).toMatchObject({ foo: { [Old]: 2 }, baz: { [Old]: 7 }, 'istio-ingress': { [Old]: 2 } });
  });

  it('restarts everything, and does not wait for dry-run pods that a full quota refuses', async () => {
    const sim = await badRelease();
    sim.when(
      () => tagIn(sim)['webhook'] === New,
      () =>
        sim.registry.useAdmission(({ object, operation, dryRun }) => {
          if (operation === 'CREATE' && object.kind === 'Pod' && dryRun && tagIn(sim)['webhook'] === Old)
            throw new StatusFailure(403, 'Forbidden', 'exceeded quota: compute');
          return object;
        }),
    );
    const run = await goUpgrade(sim);
    expect(podsIn(sim)).toEqual(seedPods(Old));
    expect(run.kind).toBe('rolled-back');
    const proven = run.events.flatMap((event) => (event.kind === 'stage-done' ? [event] : [])).at(-1);
    expect(proven).toMatchObject({ name: 'prove-tag-back', proof: expect.stringContaining('not asked: ') });
    const failedAt = run.events.find(({ kind }) => kind === 'verdict')?.at ?? 0;
    expect((proven?.at ?? Number.POSITIVE_INFINITY) - failedAt).toBeLessThan(120_000);
  });

  it('sets a workload aside whose restart is refused, and restores the others', async () => {
    const sim = await badRelease();
    sim.transport.interceptors.push(({ method, path }) => {
      if (method !== 'PATCH' || !path.includes('/namespaces/bar/deployments/bar') || tagIn(sim)['webhook'] !== Old)
        return undefined;
      const body = {
        kind: 'Status',
        status: 'Failure',
        reason: 'Forbidden',
        code: 403,
        message: 'a policy forbids it',
      };
      return { status: 403, body: JSON.stringify(body) };
    });
    const run = await goUpgrade(sim);
    expect(run.kind).toBe('rollback-held');
    expect(run.codes).toEqual(expect.arrayContaining(['PODS_LEFT_BEHIND', 'EFFECT_FAILED']));
    expect(podsIn(sim)).toMatchObject({ bar: { [New]: 2 }, 'istio-ingress': { [Old]: 2 } });
  });

  it('waits for an old istiod that hangs after the tag has moved back, and sets no workload aside', async () => {
    const sim = await badRelease();
    sim.when(
      () => tagIn(sim)['webhook'] === New,
      () =>
        sim.when(
          () => tagIn(sim)['webhook'] === Old,
          () => {
            sim.istiods.setHealth(Old, 'hangs');
            sim.in(3 * 60_000, () => sim.istiods.setHealth(Old, 'answers'));
          },
        ),
    );
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('names a paused workload and a bare pod that still run the new proxy', async () => {
    const sim = await badRelease();
    whileBaking(sim, () => {
      patch(sim, 'bar', 'bar', { paused: true });
      sim.registry.create(
        Pods,
        {
          metadata: { name: 'bare', namespace: 'bar' },
          spec: { containers: [{ name: 'app', image: 'app:1' }] },
        } as Pod,
        {},
      );
    });
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'rollback-held', codes: ['GATE_FAILED', 'PODS_LEFT_BEHIND'] });
    const named = run.outcome?.problems[1];
    expect(named?.message).toMatch(/^3 pods still run 1-31-0: /);
    expect(named?.objects).toEqual([
      'Deployment bar/bar: it is paused, so a new template starts no rollout',
      expect.stringMatching(/^Pod bar\/bare: /),
    ]);
    patch(sim, 'bar', 'bar', { paused: null });
    sim.registry.delete(Pods, { name: 'bare', namespace: 'bar' });
    await sim.settle();
    expect((await goBack(sim, { runId: 'run2' })).kind).toBe('rolled-back');
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('has the tag back within a second of the verdict while istioctl hangs', async () => {
    const sim = await badRelease();
    whileBaking(sim, () => {
      sim.interceptIstioctl = () => 'hang-before';
    });
    let backAt = Number.POSITIVE_INFINITY;
    sim.when(
      () => tagIn(sim)['webhook'] === New,
      () =>
        sim.when(
          () => tagIn(sim)['webhook'] === Old,
          () => {
            backAt = sim.clock.now();
          },
        ),
    );
    const run = await goUpgrade(sim);
    const failed = run.events.find(({ kind }) => kind === 'verdict')?.at ?? 0;
    expect(backAt - failed).toBeLessThanOrEqual(1_000);
    expect(run.kind).toBe('rolled-back');
    expect(tagIn(sim)).toEqual(tagAt(Old));
  });
});
