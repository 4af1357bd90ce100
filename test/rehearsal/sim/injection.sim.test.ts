import { beforeAll, describe, expect, it } from 'vitest';
import { createSim, type Sim } from '../../../harness/rehearsal/sim/create-sim.ts';
import { send } from './send.ts';

/** 38-injection.txt: default -> 1-31-0, revisions 1-30-4 and 1-31-0 installed, `POST pods?dryRun=All`. */
const Namespaces = [
  { name: 'n-none', labels: {} },
  { name: 'n-old', labels: { 'istio.io/rev': '1-30-4' } },
  { name: 'n-inj', labels: { 'istio-injection': 'enabled' } },
  { name: 'n-both', labels: { 'istio-injection': 'enabled', 'istio.io/rev': '1-30-4' } },
  { name: 'n-dis', labels: { 'istio-injection': 'disabled', 'istio.io/rev': '1-30-4' } },
  { name: 'n-tag', labels: { 'istio.io/rev': 'default' } },
  { name: 'n-ghost', labels: { 'istio.io/rev': '9-9-9' } },
];
const old = { 'istio.io/rev': '1-30-4' };
const wanted = { 'sidecar.istio.io/inject': 'true' };
const refused = { 'sidecar.istio.io/inject': 'false' };
const none = {};

/** One line a namespace; columns are pods: bare, rev, inject, inject+rev, inject=false, annotation inject=false. */
const Table: readonly [string, (string | null)[]][] = [
  ['n-none', [null, '1-30-4', '1-31-0', '1-30-4', null, null]],
  ['n-old', ['1-30-4', '1-30-4', '1-30-4', '1-30-4', null, null]],
  ['n-inj', ['1-31-0', '1-31-0', '1-31-0', '1-31-0', null, null]],
  ['n-both', ['1-31-0', '1-31-0', '1-31-0', '1-31-0', null, null]],
  ['n-dis', [null, null, null, null, null, null]],
  ['n-tag', ['1-31-0', '1-31-0', '1-31-0', '1-31-0', null, null]],
  ['n-ghost', [null, null, null, null, null, null]],
];
const PodsOfTable = [
  { labels: none, annotations: none },
  { labels: old, annotations: none },
  { labels: wanted, annotations: none },
  { labels: { ...wanted, ...old }, annotations: none },
  { labels: refused, annotations: none },
  { labels: none, annotations: refused },
];
const rows = Table.flatMap(([namespace, revisions]) =>
  revisions.map((rev, index) => ({ namespace, rev, pod: PodsOfTable[index] ?? { labels: none, annotations: none } })),
);

describe('injection (38-injection)', () => {
  let sim: Sim;

  beforeAll(async () => {
    sim = await createSim({ more: Namespaces });
    const { installer, meshTool } = sim.istioctl('1.31.0');
    await sim.run(installer.install({ revision: '1-31-0', version: '1.31.0', set: [], readinessTimeoutMs: 60_000 }));
    await sim.run(meshTool.setTag('default', '1-31-0'));
    await sim.settle();
  });

  async function probe(namespace: string, metadata: object, spec: object = {}) {
    const before = sim.store.resourceVersion;
    const { status, body } = await send(sim, 'POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, {
      metadata: { name: 'probe', ...metadata },
      spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }], ...spec },
    });
    expect(sim.store.resourceVersion).toBe(before);
    const images = (containers: { name: string; image: string; restartPolicy?: string }[] = []) =>
      containers.map(
        ({ name, image, restartPolicy = '-' }) => `${name}:${image.replace('docker.io/istio/', '')}:${restartPolicy}`,
      );
    return {
      status,
      rev: body.metadata?.annotations?.['istio.io/rev'] ?? null,
      init: images(body.spec?.initContainers),
      containers: body.spec?.containers.map(({ name }: { name: string }) => name),
      annotations: body.metadata?.annotations,
      message: body.message,
    };
  }

  it.for(rows)('gives $rev to a pod $pod in $namespace', async ({ namespace, rev, pod }) => {
    const { status, ...found } = await probe(namespace, pod);
    const version = rev?.replaceAll('-', '.');
    expect(status).toBe(201);
    expect(found).toMatchObject({
      rev,
      containers: ['app'],
      init: rev ? [`istio-init:proxyv2:${version}:-`, `istio-proxy:proxyv2:${version}:Always`] : [],
    });
  });

  it('keeps the proxy an ordinary container when the pod asks for no native sidecar', async () => {
    expect(await probe('n-tag', { annotations: { 'sidecar.istio.io/nativeSidecar': 'false' } })).toMatchObject({
      init: ['istio-init:proxyv2:1.31.0:-'],
      containers: ['app', 'istio-proxy'],
    });
  });

  it('honours a pinned image while the annotation still names the revision that injected', async () => {
    const pinned = { annotations: { 'sidecar.istio.io/proxyImage': 'docker.io/istio/proxyv2:1.30.4' } };
    expect(await probe('n-tag', pinned)).toMatchObject({
      rev: '1-31-0',
      init: ['istio-init:proxyv2:1.30.4:-', 'istio-proxy:proxyv2:1.30.4:Always'],
    });
  });

  it('leaves pods on the host network alone', async () => {
    expect(await probe('n-tag', {}, { hostNetwork: true })).toMatchObject({ rev: null, init: [] });
  });

  it.for([
    { namespace: 'kube-system', rev: null },
    { namespace: 'default', rev: '1-31-0' },
  ])('gives $rev to a pod that asks for it in $namespace', async ({ namespace, rev }) => {
    expect(await probe(namespace, { labels: wanted })).toMatchObject({ rev });
  });

  it('fills in a gateway by its template', async () => {
    const gateway = { labels: wanted, annotations: { 'inject.istio.io/templates': 'gateway' } };
    const { rev, init, containers, annotations } = await probe('istio-ingress', gateway);
    expect({ rev, init, containers }).toEqual({ rev: '1-31-0', init: [], containers: ['app', 'istio-proxy'] });
    expect(JSON.parse(annotations['sidecar.istio.io/status'])).toMatchObject({
      revision: '1-31-0',
      initContainers: null,
      containers: ['istio-proxy'],
    });
  });
});
