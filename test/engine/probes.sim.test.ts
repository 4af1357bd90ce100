import { describe, expect, it } from 'vitest';
import { simRun } from '../../harness/rehearsal/backends/sim-run.ts';
import { addPodPolicy, podsNeedAnOwner } from '../../harness/rehearsal/sim/api-server/pod-policy.ts';
import { ResourceQuotas } from '../../harness/rehearsal/sim/api-server/pod-quota.ts';
import { createSim, type Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import type { SeedNamespace } from '../../harness/rehearsal/sim/seed-mesh.ts';
import { check } from '../../src/engine/check.ts';
import type { Checked } from '../../src/model/checked.ts';
import { ConfigMaps, Namespaces } from '../../src/ports/kinds.ts';
import { configOf, goUpgrade, journalIn, New, Old, podsIn, seedPods, servingMesh } from './engine-fixtures.ts';

const seed = 61;
const rev = { 'istio.io/rev': 'default' };

async function checked(sim: Sim): Promise<Checked> {
  const { run, cluster } = await sim.run(simRun(sim, { runId: 'run1' }));
  const found = await sim.run(check(run, configOf()));
  await sim.run(cluster.close());
  return found;
}

const saidOf = ({ findings }: Checked) =>
  findings.filter(({ code }) => /^(POD|INJECTION)_/.test(code)).map(({ severity, code }) => `${severity} ${code}`);

/** A namespace that is the only one of its class, with one workload. */
const shop = (more: Partial<SeedNamespace> = {}): SeedNamespace => ({
  name: 'shop',
  labels: { 'istio-injection': 'enabled' },
  workloads: [{ name: 'it', replicas: 2 }],
  ...more,
});

const fill = (sim: Sim, namespace: string) =>
  sim.registry.create(ResourceQuotas, {
    metadata: { name: 'compute', namespace },
    spec: { hard: { pods: String(sim.pods(namespace).length) } },
  } as never);

/** As a controller that is down leaves it: the namespace never ends. */
function terminate(sim: Sim, name: string): void {
  const body = { metadata: { finalizers: ['example.com/never'] } };
  sim.registry.patch(Namespaces, { name }, { type: 'merge', body }, { manager: 'kubectl' });
  sim.registry.delete(Namespaces, { name });
}

describe(`dry-run pods (seed ${seed})`, () => {
  it('pass a policy that wants an owner: the upgrade completes (kyverno/policies#319)', async () => {
    const sim = await servingMesh({ seed });
    addPodPolicy(sim.registry, podsNeedAnOwner);
    expect(saidOf(await checked(sim))).toEqual([]);
    expect((await goUpgrade(sim)).kind).toBe('completed');
  });

  it('of a StatefulSet mount the volumes of its claims (VictoriaMetrics/operator#1303)', async () => {
    const workload = {
      kind: 'StatefulSet' as const,
      name: 'db',
      replicas: 2,
      template: { spec: { containers: [{ name: 'app', image: 'db:1', volumeMounts: [{ name: 'data' }] }] } },
      spec: { volumeClaimTemplates: [{ metadata: { name: 'data' } }] },
    };
    const sim = await servingMesh({ seed, more: [shop({ workloads: [workload] })] });
    expect(podsIn(sim)['shop']).toEqual({ [Old]: 2 });
    expect((await goUpgrade(sim)).kind).toBe('completed');
    expect(podsIn(sim)['shop']).toEqual({ [New]: 2 });
  });

  it('are not tried in a namespace that hangs in Terminating (istio/istio#8503)', async () => {
    const sim = await servingMesh({ seed, more: [shop({ name: 'a-first', labels: rev }), shop()] });
    terminate(sim, 'a-first');
    terminate(sim, 'shop');
    expect(await checked(sim)).toMatchObject({ blocked: false });
  });

  it('ask another workload of the class when the namespace of the first is at its quota', async () => {
    const sim = await servingMesh({ seed, more: [shop({ name: 'a-first', labels: rev })] });
    fill(sim, 'a-first');
    expect(saidOf(await checked(sim))).toEqual([]);
  });

  it('that a full quota keeps from being asked are told, and keep the old istiod in stage 8 until they are', async () => {
    const sim = await servingMesh({ seed, more: [shop()] });
    sim.when(
      () => journalIn(sim)?.marks.unusedSince !== undefined,
      () => fill(sim, 'shop'),
    );
    expect(saidOf(await checked(sim))).toEqual([]);
    const run = await goUpgrade(sim);
    expect([run.kind, run.codes]).toEqual(['held', ['INJECTION_UNPROVEN']]);
    expect(podsIn(sim)).toMatchObject(seedPods(New));
    sim.registry.delete(ResourceQuotas, { name: 'compute', namespace: 'shop' });
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
  });

  it('leave a workload alone that its injector never injects, although it is the first of its class', async () => {
    const build = {
      name: 'a-build',
      template: { metadata: { labels: { app: 'a-build', 'openshift.io/build.name': 'x' } } },
    };
    const never =
      'policy: enabled\nneverInjectSelector: [{ matchExpressions: [{ key: openshift.io/build.name, operator: Exists }] }]\n';
    const sim = await createSim({ seed });
    const say = (revision: string) =>
      sim.registry.patch(
        ConfigMaps,
        { name: `istio-sidecar-injector-${revision}`, namespace: 'istio-system' },
        { type: 'merge', body: { data: { config: never } } },
        { manager: 'istioctl' },
      );
    say(Old);
    sim.addNamespace(shop({ workloads: [build, { name: 'it', replicas: 2 }] }));
    sim.addNamespace(
      shop({
        name: 'builds',
        labels: { ...rev, 'pod-security.kubernetes.io/enforce': 'privileged' },
        workloads: [build],
      }),
    );
    await sim.settle();
    await sim.advance(6 * 60_000);
    expect(sim.pods('builds').map(({ metadata }) => metadata.annotations?.['istio.io/rev'])).toEqual([undefined]);
    expect(saidOf(await checked(sim))).toEqual([]);
    sim.when(
      () => sim.store.get(ConfigMaps, `istio-sidecar-injector-${New}`, 'istio-system') !== undefined,
      () => say(New),
    );
    expect((await goUpgrade(sim)).kind).toBe('completed');
    expect(podsIn(sim)['shop']).toEqual({ [New]: 2 });
  });

  it('name a workload that a policy refuses alone, and the message of the policy, without blocking the others', async () => {
    const sim = await servingMesh({ seed, more: [shop({ name: 'a-first', labels: rev })] });
    addPodPolicy(sim.registry, {
      name: 'no-latest',
      allows: ({ metadata }) => metadata.namespace !== 'a-first',
      message: 'images need a version',
    });
    const found = await checked(sim);
    expect(saidOf(found)).toEqual(['warns POD_REFUSED']);
    const [told] = found.findings.filter(({ code }) => code === 'POD_REFUSED');
    expect(told?.objects).toEqual(['Deployment a-first/it']);
    expect(told?.message).toContain('denied request: images need a version');
  });
});
