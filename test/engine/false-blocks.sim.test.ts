import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { Deployments, ValidatingWebhooks } from '../../src/ports/kinds.ts';
import type { WebhookConfiguration, WorkloadObject } from '../../src/ports/objects.ts';
import { configOf, goCheck, goUpgrade, New, podsIn, seedPods, servingMesh } from './engine-fixtures.ts';

const seed = 71;

const blocking = async (sim: Sim) => (await goCheck(sim)).findings.filter(({ severity }) => severity === 'blocks');
const codesOf = async (sim: Sim) => (await goCheck(sim)).findings.map(({ severity, code }) => `${severity} ${code}`);

const restartsOf = (sim: Sim, namespace: string) =>
  sim.store
    .list<WorkloadObject>(Deployments, namespace)
    .map(({ spec }) => spec.template.metadata?.annotations?.['kubectl.kubernetes.io/restartedAt']);

/** As the chart `base` leaves it on a first install when only revisioned istiods exist. */
const skippedValidator = parse(`
metadata: { name: istio-validator-istio-system, labels: { app: istiod, istio.io/rev: default } }
webhooks:
  - name: rev.validation.istio.io
    clientConfig: { service: { name: istiod, namespace: istio-system, path: /validate } }
    failurePolicy: Ignore
    sideEffects: None
    admissionReviewVersions: [v1]
`) as WebhookConfiguration;

describe(`what is strange and harms no upgrade (seed ${seed})`, () => {
  it('is a namespace that is out of the mesh and has the label of the tag besides (istio/istio.io#14597)', async () => {
    const labels = { 'istio-injection': 'disabled', 'istio.io/rev': 'default' };
    const sim = await servingMesh({
      seed,
      more: [{ name: 'legacy', labels, workloads: [{ name: 'legacy', replicas: 2 }] }],
    });
    expect(await codesOf(sim)).not.toContain('blocks NAMESPACE_WITH_BOTH_LABELS');
    expect((await goUpgrade(sim)).kind).toBe('completed');
    expect(podsIn(sim)).toEqual(seedPods(New));
    expect(restartsOf(sim, 'legacy')).toEqual([undefined]);
  });

  it('is a validator that may be skipped and calls a Service that is not there (istio/istio#28880)', async () => {
    const sim = await servingMesh({ seed });
    sim.registry.create(ValidatingWebhooks, skippedValidator);
    expect(await blocking(sim)).toEqual([]);
    expect(await codesOf(sim)).toContain('warns WEBHOOK_DEAD');
    expect((await goUpgrade(sim)).kind).toBe('completed');
    expect(podsIn(sim)).toEqual(seedPods(New));
  });

  it('is an error of analyze in a namespace of another team, and one that the config ignores', async () => {
    const sim = await servingMesh({ seed });
    const error = (origin: string) => ({
      code: 'IST0101',
      level: 'Error' as const,
      message: 'Referenced host not found',
      origin,
    });
    sim.findings.analyze.push(error('VirtualService outside/vs'), error('VirtualService bar/vs'));
    expect((await blocking(sim)).flatMap(({ objects }) => objects)).toEqual(['VirtualService bar/vs']);
    const ignored = '{ code: IST0101, object: VirtualService bar/*, reason: known, until: "2099-12-31" }';
    const run = await goUpgrade(sim, { config: configOf({ more: `ignoreFindings: [${ignored}]` }) });
    expect(run.kind).toBe('completed');
  });

  it('is not an operator that owns a pod template and restores it, and cannot be stopped: a waiver is offered (knative/serving#14705)', async () => {
    const sim = await servingMesh({ seed });
    const annotations = { 'kubectl.kubernetes.io/restartedAt': null, 'istio-canary-upgrade/run': null };
    let writes = 0;
    const isRestarted = () =>
      sim.store.get<WorkloadObject>(Deployments, 'foo', 'foo')?.spec.template.metadata?.annotations?.[
        'istio-canary-upgrade/run'
      ] !== undefined;
    const restore = () => {
      writes += 1;
      const body = { spec: { template: { metadata: { annotations } } } };
      const target = { name: 'foo', namespace: 'foo' };
      sim.in(20, () => {
        sim.registry.patch(Deployments, target, { type: 'merge', body }, { manager: 'controller' });
        sim.when(isRestarted, restore);
      });
    };
    sim.when(isRestarted, restore);
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({
      kind: 'held',
      outcome: { problems: [{ fix: expect.stringContaining('waive Deployment foo/foo') }] },
    });
    expect(writes).toBeLessThan(4);
    const waived = 'waivers: [{ workload: Deployment foo/foo, reason: made by an operator, until: "2099-12-31" }]';
    const again = await goUpgrade(sim, { runId: 'run2', replan: true, config: configOf({ more: waived }) });
    expect([again.kind, again.codes]).toEqual(['completed', []]);
  });
});
