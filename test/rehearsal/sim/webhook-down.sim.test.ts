import { describe, expect, it } from 'vitest';
import { createSim, type Sim } from '../../../harness/rehearsal/sim/create-sim.ts';
import { Deployments } from '../../../src/ports/kinds.ts';
import type { WorkloadObject } from '../../../src/ports/objects.ts';
import { send } from './send.ts';

const probe = (sim: Sim, namespace: string) =>
  send(sim, 'POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, {
    metadata: { name: 'probe' },
    spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
  });
const scaleIstiod = (sim: Sim, replicas: number) =>
  send(
    sim,
    'PATCH',
    '/apis/apps/v1/namespaces/istio-system/deployments/istiod-1-30-4',
    { spec: { replicas } },
    { contentType: 'application/merge-patch+json' },
  );
const restart = (sim: Sim, namespace: string, name: string) =>
  send(
    sim,
    'PATCH',
    `/apis/apps/v1/namespaces/${namespace}/deployments/${name}?fieldManager=kubectl-rollout`,
    {
      spec: {
        template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': String(sim.clock.now()) } } },
      },
    },
    { contentType: 'application/strategic-merge-patch+json' },
  );
const Post =
  'Internal error occurred: failed calling webhook "rev.namespace.sidecar-injector.istio.io": failed to call webhook: Post "https://istiod-1-30-4.istio-system.svc:443/inject?timeout=10s": ';

describe('a webhook that does not answer (39-webhook-down)', () => {
  it('refuses pods with HTTP 500 when its Service has no endpoints, and other namespaces do not notice', async () => {
    const sim = await createSim();
    await scaleIstiod(sim, 0);
    await sim.settle();
    const { status, body } = await probe(sim, 'bar');
    expect(status).toBe(500);
    expect(body).toMatchObject({
      kind: 'Status',
      status: 'Failure',
      reason: 'InternalError',
      code: 500,
      message: `${Post}no endpoints available for service "istiod-1-30-4"`,
    });
    expect(await probe(sim, 'outside')).toMatchObject({ status: 201 });
  });

  it('makes every pod create take ten seconds when istiod hangs', async () => {
    const sim = await createSim();
    sim.istiods.setHealth('1-30-4', 'hangs');
    const before = sim.clock.now();
    expect((await probe(sim, 'bar')).body.message).toBe(`${Post}context deadline exceeded`);
    expect(sim.clock.now() - before).toBeGreaterThanOrEqual(10_000);
  });

  it('says that the connection was refused when istiod is dead and its endpoint still listed', async () => {
    const sim = await createSim();
    sim.istiods.setHealth('1-30-4', 'refuses');
    const { body } = await probe(sim, 'bar');
    expect(body.message).toMatch(/dial tcp 10\.[\d.]+:15017: connect: connection refused$/);
  });

  it('keeps the old pods over a restart, shows ReplicaFailure, and heals by itself', async () => {
    const sim = await createSim();
    await scaleIstiod(sim, 0);
    await sim.settle();
    const oldPods = sim.pods('bar').map(({ metadata }) => metadata.name);
    await restart(sim, 'bar', 'bar');
    await sim.advance(5000);
    const bar = () => sim.store.get<WorkloadObject>(Deployments, 'bar', 'bar');
    expect(sim.pods('bar').map(({ metadata }) => metadata.name)).toEqual(oldPods);
    expect(bar()?.status).toMatchObject({ readyReplicas: 2, unavailableReplicas: 1, observedGeneration: 2 });
    expect(bar()?.status?.updatedReplicas).toBeUndefined();
    expect(bar()?.status?.conditions).toContainEqual(
      expect.objectContaining({
        type: 'ReplicaFailure',
        status: 'True',
        reason: 'FailedCreate',
        message: `${Post}no endpoints available for service "istiod-1-30-4"`,
      }),
    );
    await scaleIstiod(sim, 1);
    await sim.settle();
    expect(bar()?.status).toMatchObject({ updatedReplicas: 2, readyReplicas: 2 });
    expect(
      bar()
        ?.status?.conditions?.map(({ type }) => type)
        .sort(),
    ).toEqual(['Available', 'Progressing']);
  });
});
