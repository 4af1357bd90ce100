import { describe, expect, it } from 'vitest';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { removeNew } from '../../src/engine/roll-back.ts';
import type { KubernetesObject } from '../../src/model/kubernetes-object.ts';
import { MutatingWebhooks, Services, ValidatingWebhooks } from '../../src/ports/kinds.ts';
import {
  go,
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

const seed = 23;

const tagService = { kind: Services, target: { name: 'istiod-revision-tag-default', namespace: 'istio-system' } };
const validator = { kind: ValidatingWebhooks, target: { name: 'istiod-default-validator' } };

/** The objects of the default tag, without what the API server counts. */
const tagObjects = (sim: Sim) =>
  [
    sim.store.get<KubernetesObject>(MutatingWebhooks, 'istio-revision-tag-default'),
    sim.store.get<KubernetesObject>(ValidatingWebhooks, 'istiod-default-validator'),
    sim.store.get<KubernetesObject>(Services, 'istiod-revision-tag-default', 'istio-system'),
  ].map((object) => {
    if (object === undefined) return undefined;
    const { metadata, ...rest } = structuredClone(object);
    const { name, labels, annotations } = metadata;
    return { name, labels, annotations, ...rest };
  });

describe(`a rollback of the tag (seed ${seed})`, () => {
  it.for([
    { what: 'is not there', break: (sim: Sim) => (sim.interceptIstioctl = () => 'fail-before'), version: '1.31.0' },
    { what: 'hangs', break: (sim: Sim) => (sim.interceptIstioctl = () => 'hang-before'), version: '1.31.0' },
    { what: 'is older than the one that moved the tag', break: () => undefined, version: '1.30.4' },
  ])('is made by its own writes, also when istioctl $what', async ({ break: breakIt, version }) => {
    const sim = await servingMesh({ seed });
    const before = tagObjects(sim);
    expect((await goUpgrade(sim, { through: 'canary' })).kind).toBe('reached');
    expect(tagIn(sim)).toEqual(tagAt(New));
    breakIt(sim);
    const back = await goBack(sim, { runId: 'run2', version });
    expect(back.kind).toBe('rolled-back');
    expect(back.events.filter(({ kind }) => kind === 'effect-failed')).toEqual([]);
    expect(tagObjects(sim)).toEqual(before);
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('is left to istioctl when its own writes are refused', async () => {
    const sim = await servingMesh({ seed });
    expect((await goUpgrade(sim, { through: 'canary' })).kind).toBe('reached');
    const body = JSON.stringify({ kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403, message: 'no' });
    sim.transport.interceptors.push(({ method, path }) =>
      method === 'PATCH' && path.includes('mutatingwebhookconfigurations') ? { status: 403, body } : undefined,
    );
    const back = await goBack(sim, { runId: 'run2' });
    expect(back.kind).toBe('rolled-back');
    const told = back.events.flatMap((event) => (event.kind === 'effect-failed' ? [event.message] : []));
    expect(told).toEqual([expect.stringMatching(/; asking istioctl instead$/)]);
    expect(tagIn(sim)).toEqual(tagAt(Old));
  });

  it('recreates an object of the tag that another writer has deleted meanwhile', async () => {
    const sim = await servingMesh({ seed });
    const before = tagObjects(sim);
    await goUpgrade(sim, { through: 'canary' });
    sim.registry.delete(MutatingWebhooks, { name: 'istio-revision-tag-default' });
    sim.interceptIstioctl = () => 'fail-before';
    const back = await goBack(sim, { runId: 'run2' });
    expect([back.kind, tagObjects(sim)]).toEqual(['rolled-back', before]);
  });

  it.for([
    { lacks: 'Service', remove: [tagService] },
    { lacks: 'validator', remove: [validator] },
    { lacks: 'Service and validator', remove: [tagService, validator] },
  ])('removes what the upgrade made for a tag that had no $lacks', async ({ remove }) => {
    const sim = await servingMesh({ seed });
    for (const { kind, target } of remove) sim.registry.delete(kind, target);
    const before = tagObjects(sim);
    expect((await goUpgrade(sim, { through: 'canary' })).kind).toBe('reached');
    expect(tagIn(sim)).toEqual(tagAt(New));
    expect(await goBack(sim, { runId: 'run2' })).toMatchObject({ kind: 'rolled-back', codes: [] });
    expect(tagObjects(sim)).toEqual(before);
    expect((await go(sim, (run) => removeNew(run), { runId: 'run3' })).kind).toBe('completed');
    expect(tagObjects(sim)).toEqual(before);
  });

  it('is completed by istioctl when what the upgrade made may not be deleted', async () => {
    const sim = await servingMesh({ seed });
    sim.registry.delete(tagService.kind, tagService.target);
    expect((await goUpgrade(sim, { through: 'canary' })).kind).toBe('reached');
    const body = JSON.stringify({ kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403, message: 'no' });
    sim.transport.interceptors.push(({ method }) => (method === 'DELETE' ? { status: 403, body } : undefined));
    expect((await goBack(sim, { runId: 'run2' })).kind).toBe('rolled-back');
    expect(tagIn(sim)).toEqual(tagAt(Old));
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('leaves a Service alone that another writer made for the tag meanwhile and pointed at the old revision', async () => {
    const sim = await servingMesh({ seed });
    const service = structuredClone(sim.registry.get(tagService.kind, tagService.target.name, 'istio-system'));
    sim.registry.delete(tagService.kind, tagService.target);
    expect((await goUpgrade(sim, { through: 'canary' })).kind).toBe('reached');
    sim.store.put(tagService.kind, service);
    expect((await goBack(sim, { runId: 'run2' })).kind).toBe('rolled-back');
    expect(tagIn(sim)).toEqual(tagAt(Old));
  });

  it('keeps the objects in the journal as they can be applied: with their kinds, without what the API server fills in', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, { through: 'move-tag' });
    const kept = journalIn(sim)?.originals ?? [];
    expect(kept.map(({ kind, apiVersion }) => `${apiVersion} ${kind}`).sort()).toEqual([
      'admissionregistration.k8s.io/v1 MutatingWebhookConfiguration',
      'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration',
      'v1 Service',
    ]);
    for (const { metadata } of kept)
      expect(Object.keys(metadata)).not.toEqual(expect.arrayContaining(['resourceVersion']));
  });
});
