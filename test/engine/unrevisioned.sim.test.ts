import { describe, expect, it } from 'vitest';
import { addPodPolicy } from '../../harness/rehearsal/sim/api-server/pod-policy.ts';
import { createSim, type Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { finalize } from '../../src/engine/finalize.ts';
import { removeNew } from '../../src/engine/roll-back.ts';
import type { KubernetesObject } from '../../src/model/kubernetes-object.ts';
import { MutatingWebhooks, Services, ValidatingWebhooks } from '../../src/ports/kinds.ts';
import type { Pod } from '../../src/ports/objects.ts';
import {
  configOf,
  controlPlanesIn,
  go,
  goBack,
  goUpgrade,
  journalIn,
  label,
  New,
  podsIn,
  seedPods,
  servingMesh,
  tagIn,
} from './engine-fixtures.ts';

const seed = 71;

const kinds = [MutatingWebhooks, ValidatingWebhooks, Services];

/** All webhooks and the Services of istiod, but for those of the new revision and what the API server counts. */
const injectionOf = (sim: Sim) =>
  kinds.flatMap((kind) =>
    sim.store
      .list<KubernetesObject>(kind)
      .filter(({ metadata: { name, namespace } }) => namespace !== undefined || !name.includes(New))
      .filter(
        ({ metadata: { name, namespace } }) =>
          namespace === undefined || (namespace === 'istio-system' && !name.includes(New)),
      )
      .map((object) => {
        const { metadata, ...rest } = structuredClone(object);
        const { name, labels, annotations } = metadata;
        return { kind: kind.kind, name, labels, annotations, ...rest };
      }),
  );

/** An istiod that was installed without a revision, and what is particular about its tag `default`. */
const meshes: Record<string, (sim: Sim) => void | Promise<void>> = {
  'and namespaces labelled istio.io/rev=default': () => undefined,
  'and namespaces labelled istio-injection=enabled': (sim) => {
    for (const name of ['foo', 'bar', 'baz', 'istio-ingress'])
      label(sim, name, { 'istio.io/rev': null, 'istio-injection': 'enabled' });
  },
  'and a tag without a Service, as istioctl before 1.28 makes it': (sim) =>
    void sim.registry.delete(Services, { name: 'istiod-revision-tag-default', namespace: 'istio-system' }),
  'and a tag without a validator': (sim) =>
    void sim.registry.delete(ValidatingWebhooks, { name: 'istiod-default-validator' }),
  'whose tag was made by the command that a refusal names': async (sim) => {
    const istioctl = async (...args: string[]) =>
      expect((await sim.run(sim.istioctlProcess('1.31.0').run(args, { timeoutMs: 60_000 }))).exitCode).toBe(0);
    await istioctl('tag', 'remove', 'default', '-y');
    await istioctl('tag', 'set', 'default', '--revision', 'default');
  },
};

async function meshOf(which: string): Promise<{ sim: Sim; before: ReturnType<typeof injectionOf> }> {
  const sim = await servingMesh({ seed, revision: 'default' });
  await meshes[which]?.(sim);
  await sim.settle();
  expect(podsIn(sim)).toEqual(seedPods('default'));
  return { sim, before: injectionOf(sim) };
}

const expectAsBefore = (sim: Sim, before: ReturnType<typeof injectionOf>) => {
  expect(podsIn(sim)).toEqual(seedPods('default'));
  expect(injectionOf(sim)).toEqual(before);
};

describe.for(Object.keys(meshes))(`the way back to an istiod without a revision %s (seed ${seed})`, (which) => {
  it.for(['move-tag', 'upgrade-gateways', 'restart-canary', 'judge-canary', 'restart-waves'])(
    'restores pods and tag after %s',
    async (through) => {
      const { sim, before } = await meshOf(which);
      expect((await goUpgrade(sim, { through })).kind).toBe('reached');
      expect(tagIn(sim)).toMatchObject({ webhook: New });
      expect(await goBack(sim, { runId: 'run2' })).toMatchObject({ kind: 'rolled-back', codes: [] });
      expectAsBefore(sim, before);
    },
  );

  it.for(['move-tag', 'upgrade-gateways', 'restart-canary', 'judge-canary', 'restart-waves'])(
    'is gone by finalize when the run is cancelled in %s',
    async (step) => {
      const { sim, before } = await meshOf(which);
      const config = configOf({ more: 'on: { cancel: rollback }' });
      const run = await goUpgrade(sim, {
        config,
        disturb: { how: 'interrupt', at: (event) => event.kind === 'stage-started' && event.step === step },
      });
      expect(run.kind).toBe('interrupted');
      const end = await go(sim, (it) => finalize(it, config.on, { after: 'cancelled' }), { runId: 'run2' });
      // In stage 3 the tag has not moved yet.
      expect(end.kind).toBe(step === 'move-tag' ? 'held' : 'rolled-back');
      expectAsBefore(sim, before);
    },
  );

  it.for(['canary', 'rest'])('is gone by itself when the gate fails in wave %s', async (wave) => {
    const { sim, before } = await meshOf(which);
    sim.when(
      () => wave === 'canary' || podsIn(sim)['foo']?.[New] === 2,
      () => sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.3 }),
    );
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'rolled-back', codes: expect.arrayContaining(['GATE_FAILED']) });
    expectAsBefore(sim, before);
  });

  it('leaves nothing of the new revision after --remove-new, and the upgrade can be made again', async () => {
    const { sim, before } = await meshOf(which);
    await goUpgrade(sim, { through: 'restart-waves' });
    expect((await goBack(sim, { runId: 'run2' })).kind).toBe('rolled-back');
    expect(await go(sim, (run) => removeNew(run), { runId: 'run3' })).toMatchObject({ kind: 'completed', codes: [] });
    expect(controlPlanesIn(sim)).toEqual(['istiod']);
    expectAsBefore(sim, before);
    await sim.advance(60_000);
    expect((await goUpgrade(sim, { runId: 'run4' })).kind).toBe('completed');
    expect(podsIn(sim)).toEqual(seedPods(New));
  });
});

describe(`pods that are refused beside an istiod without a revision (seed ${seed})`, () => {
  const isNew = ({ metadata }: Pod) => metadata.annotations?.['istio.io/rev'] === New;
  /** From now on a policy refuses pods with the new sidecar, or with any. */
  const refuse = (sim: Sim, which: (pod: Pod) => boolean, where?: string) =>
    addPodPolicy(sim.registry, {
      name: 'new-rule',
      allows: (pod) => (where !== undefined && pod.metadata.namespace !== where) || !which(pod),
      message: 'a new rule',
    });
  const afterCanary = (sim: Sim, action: () => void) =>
    sim.when(() => journalIn(sim)?.marks.waves['canary']?.verdict !== undefined, action);

  it('are the fault of the new sidecar before the tag moves, where the old one is accepted', async () => {
    const sim = await createSim({ seed, revision: 'default', set: ['values.pilot.cni.enabled=true'] });
    label(sim, 'bar', { 'pod-security.kubernetes.io/enforce': 'baseline' });
    await sim.advance(6 * 60_000);
    const config = configOf({ target: 'carryOver: false, accept: [pilot.cni]' });
    expect(await goUpgrade(sim, { config })).toMatchObject({ kind: 'held', codes: ['SIDECAR_REFUSED'] });
    expect(podsIn(sim)).toEqual(seedPods('default'));
  });

  it.for(['istio.io/rev', 'istio-injection'])(
    'lead back at once when a policy refuses the new sidecar in stage 7, in namespaces labelled %s',
    async (by) => {
      const { sim, before } = await meshOf(
        `and namespaces labelled ${by}=${by === 'istio.io/rev' ? 'default' : 'enabled'}`,
      );
      afterCanary(sim, () => refuse(sim, isNew));
      const run = await goUpgrade(sim);
      expect([run.kind, run.codes[0]]).toEqual(['rolled-back', 'SIDECAR_REFUSED']);
      expectAsBefore(sim, before);
    },
  );

  it('are set aside when they are refused with the old sidecar as well', async () => {
    const sim = await servingMesh({ seed, revision: 'default' });
    afterCanary(sim, () => refuse(sim, () => true, 'foo'));
    const run = await goUpgrade(sim, { through: 'restart-waves' });
    const told = run.events.flatMap((event) => (event.kind === 'problem' ? [event] : []));
    expect(told[0]).toMatchObject({ problem: { code: 'PODS_REFUSED' }, decision: 'go on without it' });
    expect(podsIn(sim)).toMatchObject({ foo: { default: 2 }, baz: { [New]: 7 } });
  });

  it('are the fault of the workload when others of its class are accepted', async () => {
    const sim = await servingMesh({ seed, revision: 'default' });
    afterCanary(sim, () => refuse(sim, isNew, 'foo'));
    const run = await goUpgrade(sim, { through: 'restart-waves' });
    const told = run.events.flatMap((event) => (event.kind === 'problem' ? [event] : []));
    expect(told[0]).toMatchObject({ problem: { code: 'WORKLOAD_REFUSED' }, decision: 'go on without it' });
  });
});
