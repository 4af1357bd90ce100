import { describe, expect, it } from 'vitest';
import { StatusFailure } from '../../harness/rehearsal/sim/api-server/status-failure.ts';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { istiodManifest } from '../../harness/rehearsal/sim/istio/control-plane-manifest.ts';
import type { KubernetesObject } from '../../src/model/kubernetes-object.ts';
import {
  CustomResourceDefinitions,
  DaemonSets,
  Deployments,
  GatewayApiGateways,
  MutatingWebhooks,
  NetworkPolicies,
  Pods,
  Services,
} from '../../src/ports/kinds.ts';
import type { WebhookConfiguration, WorkloadObject } from '../../src/ports/objects.ts';
import {
  configOf,
  controlPlanesIn,
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

const seed = 15;
const bothControlPlanes = [`istiod-${Old}`, `istiod-${New}`];
const reached = async (sim: Sim) => expect((await goUpgrade(sim, { through: 'rest' })).kind).toBe('reached');
const objectsOf = ({ outcome }: Ended) => outcome?.problems.flatMap(({ objects }) => objects) ?? [];
/** As the operator of Istio 1.22 left it. */
const istioOperatorDefinition = {
  metadata: { name: 'istiooperators.install.istio.io' },
  spec: {
    group: 'install.istio.io',
    names: { plural: 'istiooperators', singular: 'istiooperator', kind: 'IstioOperator' },
    scope: 'Namespaced',
    versions: [{ name: 'v1alpha1', served: true, storage: true }],
  },
} as KubernetesObject;
const uninstalls = (sim: Sim) => {
  const calls = { count: 0 };
  sim.interceptIstioctl = (args) => {
    if (args[0] === 'uninstall' && !args.includes('--dry-run')) calls.count += 1;
    return undefined;
  };
  return calls;
};

/** As GitOps would: the webhook alone. */
function putTagBack(sim: Sim): void {
  const name = 'istio-revision-tag-default';
  const live = sim.registry.get<WebhookConfiguration>(MutatingWebhooks, name);
  const webhooks = live.webhooks?.map(({ clientConfig, ...webhook }) => ({
    ...webhook,
    clientConfig: { ...clientConfig, service: { ...clientConfig.service, name: `istiod-${Old}` } },
  }));
  const body = { metadata: { labels: { 'istio.io/rev': Old } }, webhooks };
  sim.registry.patch(MutatingWebhooks, { name }, { type: 'merge', body }, { manager: 'argocd-controller' });
}

const stragglers: {
  what: string;
  names: string;
  make: (sim: Sim) => Promise<unknown> | unknown;
  fix: (sim: Sim) => unknown;
}[] = [
  {
    what: 'a namespace outside the plan is labelled with the old revision',
    names: 'namespace label outside',
    make: (sim) => label(sim, 'outside', { 'istio.io/rev': Old }),
    fix: (sim) => label(sim, 'outside', { 'istio.io/rev': null }),
  },
  {
    what: 'a bare pod runs the old proxy',
    names: 'live pod lonely/bare',
    make: async (sim) => {
      sim.addNamespace({ name: 'lonely', labels: { 'istio.io/rev': Old } });
      sim.registry.create(
        Pods,
        {
          metadata: { name: 'bare', namespace: 'lonely' },
          spec: { containers: [{ name: 'app', image: 'app:1' }] },
        } as KubernetesObject,
        {},
      );
      await sim.settle();
      label(sim, 'lonely', { 'istio.io/rev': null });
    },
    fix: (sim) => sim.registry.delete(Pods, { name: 'bare', namespace: 'lonely' }),
  },
  {
    what: 'a second tag points to the old revision',
    names: `tag prod (webhook istio-revision-tag-prod)`,
    make: (sim) =>
      sim.run(sim.istioctlProcess('1.31.0').run(['tag', 'set', 'prod', '--revision', Old], { timeoutMs: 60_000 })),
    fix: (sim) => sim.run(sim.istioctlProcess('1.31.0').run(['tag', 'remove', 'prod', '-y'], { timeoutMs: 60_000 })),
  },
  {
    what: 'a pod template is labelled with the old revision',
    names: 'pod label Deployment outside/outside',
    make: (sim) =>
      sim.registry.patch(
        Deployments,
        { name: 'outside', namespace: 'outside' },
        { type: 'merge', body: { spec: { template: { metadata: { labels: { 'istio.io/rev': Old } } } } } },
        { manager: 'kubectl' },
      ),
    fix: (sim) =>
      sim.registry.patch(
        Deployments,
        { name: 'outside', namespace: 'outside' },
        { type: 'merge', body: { spec: { template: { metadata: { labels: { 'istio.io/rev': null } } } } } },
        { manager: 'kubectl' },
      ),
  },
];

describe(`the removal of the old istiod (seed ${seed})`, () => {
  it('is held when the label of a Gateway of the Gateway API names the old revision during the upgrade', async () => {
    const sim = await servingMesh({ seed });
    sim.installGatewayApi();
    const target = { name: 'entry', namespace: 'outside' };
    sim.registry.create(
      GatewayApiGateways,
      { metadata: target, spec: { gatewayClassName: 'istio', listeners: [] } } as KubernetesObject,
      {},
    );
    const name = (revision: string | null) =>
      sim.registry.patch(
        GatewayApiGateways,
        target,
        { type: 'merge', body: { metadata: { labels: { 'istio.io/rev': revision } } } },
        { manager: 'kubectl' },
      );
    const calls = uninstalls(sim);
    sim.when(
      () => journalIn(sim)?.marks.waves['canary']?.verdict !== undefined,
      () => void name(Old),
    );
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'held', codes: ['OLD_REVISION_IN_USE'] });
    expect(objectsOf(run)).toContain('configuration Gateway outside/entry');
    expect(calls.count).toBe(0);
    name(null);
    await sim.settle();
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
  });

  const soaking = (sim: Sim, action: () => void) =>
    sim.when(() => journalIn(sim)?.marks.unusedSince !== undefined, action);

  it('does not begin, and the upgrade rolls back, when the new istiod stops injecting during the soak', async () => {
    const sim = await servingMesh({ seed });
    const calls = uninstalls(sim);
    soaking(sim, () => sim.istiods.setHealth(New, 'fails'));
    const run = await goUpgrade(sim);
    // The watch over the waves sees the failed injections first.
    expect([run.kind, run.codes]).toEqual(['rolled-back', ['GATE_FAILED']]);
    expect(calls.count).toBe(0);
    expect(controlPlanesIn(sim)).toEqual(bothControlPlanes);
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('waits while the new istiod is briefly unavailable', async () => {
    const sim = await servingMesh({ seed });
    soaking(sim, () => {
      sim.istiods.setHealth(New, 'refuses');
      sim.in(25_000, () => sim.istiods.setHealth(New, 'answers'));
    });
    expect((await goUpgrade(sim)).kind).toBe('completed');
    expect(controlPlanesIn(sim)).toEqual([`istiod-${New}`]);
  });

  it('is held when a policy of another writer prevents the proof of injection', async () => {
    const sim = await servingMesh({ seed });
    soaking(sim, () =>
      sim.registry.useAdmission(({ object, operation }) => {
        if (operation === 'CREATE' && object.kind === 'Pod')
          throw new StatusFailure(403, 'Forbidden', `pods "${object.metadata.name}" is forbidden: closed today`);
        return object;
      }),
    );
    const run = await goUpgrade(sim);
    expect([run.kind, run.codes]).toEqual(['held', ['INJECTION_UNPROVEN']]);
    expect(objectsOf(run).join()).toContain('closed today');
    expect(controlPlanesIn(sim)).toEqual(bothControlPlanes);
  });

  it.for(stragglers)(
    'is held and the user is named when $what; the next run completes',
    async ({ names, make, fix }) => {
      const sim = await servingMesh({ seed });
      await reached(sim);
      await make(sim);
      await sim.settle();
      const calls = uninstalls(sim);
      const run = await goUpgrade(sim, { runId: 'run2' });
      expect(run).toMatchObject({ kind: 'held', codes: ['OLD_REVISION_IN_USE'] });
      expect(objectsOf(run)).toContain(names);
      expect(calls.count).toBe(0);
      expect(controlPlanesIn(sim)).toEqual(bothControlPlanes);
      await fix(sim);
      await sim.settle();
      expect((await goUpgrade(sim, { runId: 'run3' })).kind).toBe('completed');
      expect(controlPlanesIn(sim)).toEqual([`istiod-${New}`]);
    },
  );

  it('goes on when the old istiod has no revision and namespaces are labelled with the tag of the same name', async () => {
    const sim = await servingMesh({ seed, revision: 'default' });
    expect(podsIn(sim)).toEqual(seedPods('default'));
    expect((await goUpgrade(sim)).kind).toBe('completed');
    expect(podsIn(sim)).toEqual(seedPods(New));
    expect(tagIn(sim)).toEqual(tagAt(New));
    expect(controlPlanesIn(sim)).toEqual([`istiod-${New}`]);
  });

  it('is held when the old istiod has no revision and a bare pod still runs its proxy', async () => {
    const sim = await servingMesh({ seed, revision: 'default' });
    await reached(sim);
    const calls = uninstalls(sim);
    const status = JSON.stringify({ revision: 'default', containers: ['istio-proxy'] });
    const annotations = { 'istio.io/rev': 'default', 'sidecar.istio.io/status': status };
    sim.registry.create(
      Pods,
      {
        metadata: { name: 'bare', namespace: 'outside', annotations },
        spec: { containers: [{ name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.30.4' }] },
      } as KubernetesObject,
      {},
    );
    await sim.settle();
    const run = await goUpgrade(sim, { runId: 'run2' });
    expect(run).toMatchObject({ kind: 'held', codes: ['OLD_REVISION_IN_USE'] });
    expect(objectsOf(run)).toEqual(['live pod outside/bare', 'connected proxy bare.outside']);
    expect(calls.count).toBe(0);
  });

  it('is held when a namespace is labelled with the old revision during the soak', async () => {
    const sim = await servingMesh({ seed });
    await reached(sim);
    sim.when(
      () => journalIn(sim)?.marks.unusedSince !== undefined,
      () => sim.in(10_000, () => label(sim, 'outside', { 'istio.io/rev': Old })),
    );
    const run = await goUpgrade(sim, { runId: 'run2' });
    expect(run).toMatchObject({ kind: 'held', codes: ['OLD_REVISION_IN_USE'] });
    expect(run.effects).toContain('record that the old revision is in use again');
    expect(controlPlanesIn(sim)).toEqual(bothControlPlanes);
  });

  it('is not held by the connection of istioctl itself, test-1.default, which belongs to no pod', async () => {
    const sim = await servingMesh({ seed });
    await reached(sim);
    await sim.run(sim.istioctl('1.31.0').meshTool.connectedProxies(Old));
    const preview = ['uninstall', '--revision', Old, '--dry-run'];
    const { stdout } = await sim.run(sim.istioctlProcess('1.31.0').run(preview, { timeoutMs: 60_000 }));
    expect(stdout).toMatch(
      /^There are still \d+ proxies pointing to the control plane revision 1-30-4\ntest-1\.default\n/,
    );
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
  });

  it('does not begin from a snapshot that is older than an outage of the API server', async () => {
    const sim = await servingMesh({ seed });
    const calls = uninstalls(sim);
    let isAway = false;
    let hasBeenAway = false;
    const goAway = () => {
      isAway = !hasBeenAway;
      hasBeenAway = true;
      sim.in(12_000, () => {
        if (isAway) putTagBack(sim);
        isAway = false;
      });
    };
    // The API server stops answering for a while when the removal is announced in the journal.
    sim.transport.interceptors.push(({ body }) => {
      if (calls.count === 0 && !isAway && String(body).includes('uninstall istiod')) goAway();
      return isAway ? { status: 503, body: '' } : undefined;
    });
    const run = await goUpgrade(sim);
    expect(calls.count).toBe(0);
    expect(run.kind).not.toBe('completed');
    expect(controlPlanesIn(sim)).toEqual(bothControlPlanes);
  });

  it('deletes a tag that another writer moved back at its begin, and the next run creates the tag again', async () => {
    const sim = await servingMesh({ seed });
    // `uninstall` deletes by the label istio.io/rev, which the webhook of the tag carries again.
    sim.when(
      () => journalIn(sim)?.marks.removalBegan !== undefined,
      () => putTagBack(sim),
    );
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'held', codes: ['TAG_NOT_AT_TARGET'] });
    expect(sim.store.get(MutatingWebhooks, 'istio-revision-tag-default')).toBeUndefined();
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
    expect(tagIn(sim)).toEqual(tagAt(New));
    expect(controlPlanesIn(sim)).toEqual([`istiod-${New}`]);
  });

  it('is held when another writer moves the tag back during it, and the next run moves the tag again', async () => {
    const sim = await servingMesh({ seed });
    sim.when(
      () => sim.store.get(Services, `istiod-${Old}`, 'istio-system') === undefined,
      () => putTagBack(sim),
    );
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'held', codes: ['TAG_NOT_AT_TARGET'] });
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
    expect(tagIn(sim)).toEqual(tagAt(New));
  });

  it.for([
    { what: 'the pods', path: '/api/v1/pods' },
    { what: 'the CustomResourceDefinitions', path: '/customresourcedefinitions' },
  ])('waits while $what cannot be listed', async ({ path }) => {
    const sim = await servingMesh({ seed });
    await reached(sim);
    const calls = uninstalls(sim);
    const denied = { kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403, message: 'forbidden' };
    let isDenied = false;
    // Only the consistent reads of stage 8; the mirror goes on.
    sim.transport.interceptors.push((request) =>
      isDenied && request.method === 'GET' && request.path.includes(path) && !request.path.includes('watch=')
        ? { status: 403, body: JSON.stringify(denied) }
        : undefined,
    );
    const during = goUpgrade(sim, {
      runId: 'run2',
      interruptAfterMs: 5 * 60_000,
      disturb: {
        how: 'interrupt',
        at: (event) => {
          if (event.kind === 'stage-started' && event.step === 'remove-old-revision') isDenied = true;
          return false;
        },
      },
    });
    const run = await during;
    expect(run.kind).toBe('interrupted');
    expect(calls.count).toBe(0);
    expect(
      run.events.some(
        (event) =>
          event.kind === 'waiting' &&
          event.shortfalls.some(({ what }) => what === `cannot tell whether ${Old} is unused`),
      ),
    ).toBe(true);
    isDenied = false;
    expect((await goUpgrade(sim, { runId: 'run3' })).kind).toBe('completed');
  });
});

describe(`the removal of the old istiod with too few rights (seed ${seed})`, () => {
  const lists = {
    'customresourcedefinitions.apiextensions.k8s.io': '/customresourcedefinitions',
    'istiooperators.install.istio.io': '/apis/install.istio.io/',
  };

  it.for(Object.entries(lists))('holds a finished upgrade and names the right to list %s', async ([right, path]) => {
    const sim = await servingMesh({ seed });
    await reached(sim);
    sim.registry.create(CustomResourceDefinitions, istioOperatorDefinition, { manager: 'istio-operator' });
    const message = `${right} is forbidden: User "upgrader" cannot list resource`;
    const denied = { kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403, message };
    let isDenied = false;
    sim.transport.interceptors.push((request) =>
      isDenied && request.method === 'GET' && request.path.includes(path) && !request.path.includes('watch=')
        ? { status: 403, body: JSON.stringify(denied) }
        : undefined,
    );
    const run = await goUpgrade(sim, {
      runId: 'run2',
      disturb: {
        how: 'interrupt',
        at: (event) => {
          if (event.kind === 'stage-started' && event.step === 'remove-old-revision') isDenied = true;
          return false;
        },
      },
    });
    expect([run.kind, run.codes[0]]).toEqual(['held', 'OLD_REVISION_UNSEEN']);
    expect(run.outcome?.problems[0]?.message).toContain(right);
    expect(podsIn(sim)).toEqual(seedPods(New));
    expect(controlPlanesIn(sim)).toEqual(bothControlPlanes);
  });
});

describe(`the uninstall of the old istiod (seed ${seed})`, () => {
  it('does not start for an istiod that istioctl did not install, and the run holds', async () => {
    const sim = await servingMesh({ seed });
    const name = `istiod-${Old}`;
    sim.registry.patch(
      Deployments,
      { name, namespace: 'istio-system' },
      {
        type: 'merge',
        body: { metadata: { labels: { 'install.operator.istio.io/owning-resource-namespace': null } } },
      },
      { manager: 'helm' },
    );
    const calls = uninstalls(sim);
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'held', codes: ['NOT_INSTALLED_BY_ISTIOCTL'] });
    expect(calls.count).toBe(0);
    expect(podsIn(sim)).toEqual(seedPods(New));
  });

  it('does not start when it would also delete a DaemonSet of the same revision', async () => {
    const sim = await servingMesh({ seed });
    await reached(sim);
    const istiod = sim.store.get<WorkloadObject>(Deployments, `istiod-${Old}`, 'istio-system');
    const labels = { ...istiod?.metadata.labels, app: 'istio-cni-node', 'operator.istio.io/component': 'Cni' };
    sim.registry.create(
      DaemonSets,
      {
        metadata: { name: 'istio-cni-node', namespace: 'istio-system', labels },
        spec: {
          selector: { matchLabels: { k: 'cni' } },
          template: { metadata: { labels: { k: 'cni' } }, spec: { containers: [{ name: 'cni', image: 'cni:1' }] } },
        },
      } as WorkloadObject,
      { manager: 'istio-operator' },
    );
    await sim.settle();
    const run = await goUpgrade(sim, { runId: 'run2' });
    expect(run).toMatchObject({ kind: 'held', codes: ['UNINSTALL_TAKES_MORE'] });
    expect(objectsOf(run)).toEqual(['DaemonSet istio-system/istio-cni-node']);
    expect(controlPlanesIn(sim)).toEqual(bothControlPlanes);
  });

  it('does not start before the old istiod was unused for the whole soak', async () => {
    const sim = await servingMesh({ seed });
    const run = await goUpgrade(sim);
    const at = (kind: string) =>
      run.events.find((event) => event.kind === 'effect-done' && event.effect.kind === kind)?.at ?? 0;
    expect(at('uninstall') - at('record-unused')).toBeGreaterThanOrEqual(30_000);
  });
});

describe(`an old istiod whose Deployment another writer deletes (seed ${seed})`, () => {
  const partsOfOld = (sim: Sim) =>
    istiodManifest(Old, '1.30.4')
      .filter(({ kind, object }) => sim.store.get(kind, object.metadata.name, object.metadata.namespace) !== undefined)
      .map(({ kind, object }) => `${kind.kind} ${object.metadata.name}`);

  it.for([
    { moment: 'at the begin of stage 7', step: 'restart-waves' },
    { moment: 'during the soak', step: undefined },
  ])('keeps its other objects until the soak is over and the removal is recorded ($moment)', async ({ step }) => {
    const sim = await servingMesh({ seed });
    let others: readonly string[] = [];
    const deleteDeployment = () => {
      sim.registry.delete(Deployments, { name: `istiod-${Old}`, namespace: 'istio-system' });
      others = partsOfOld(sim);
    };
    if (step === undefined) sim.when(() => journalIn(sim)?.marks.unusedSince !== undefined, deleteDeployment);
    let atRemoval: readonly string[] | undefined;
    const recordParts = () => {
      atRemoval = partsOfOld(sim);
    };
    sim.when(() => journalIn(sim)?.marks.removalBegan !== undefined, recordParts);
    const run = await goUpgrade(sim, {
      disturb: {
        how: 'interrupt',
        at: (event) => {
          if (event.kind === 'stage-started' && event.step === step) deleteDeployment();
          return false;
        },
      },
    });
    expect([run.kind, run.codes]).toEqual(['completed', []]);
    expect(others.length).toBeGreaterThan(3);
    expect(atRemoval).toEqual(others);
    const begins = (kind: string) =>
      run.events.find((event) => event.kind === 'effect-started' && event.effect.kind === kind)?.at ?? Number.NaN;
    expect(begins('uninstall') - begins('record-unused')).toBeGreaterThanOrEqual(30_000);
    expect(partsOfOld(sim)).toEqual([]);
  });
});

describe(`objects of the old istiod that istioctl uninstall ignores (seed ${seed})`, () => {
  const config = configOf({ target: 'set: [values.global.networkPolicy.enabled=true]' });
  const policiesIn = (sim: Sim) =>
    sim.registry.store.list<KubernetesObject>(NetworkPolicies).map(({ metadata }) => metadata.name);

  it('are removed after it: the NetworkPolicy of the old revision goes, the one of the new stays', async () => {
    const sim = await servingMesh({ seed });
    const old = istiodManifest(Old, '1.30.4', { networkPolicy: true }).filter(({ kind }) => kind === NetworkPolicies);
    for (const { kind, object } of old) sim.registry.create(kind, object, {});
    const run = await goUpgrade(sim, { config });
    expect([run.kind, run.codes]).toEqual(['completed', []]);
    expect(policiesIn(sim)).toEqual([`istiod-${New}`]);
  });
});
