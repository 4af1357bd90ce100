import { describe, expect, it } from 'vitest';
import { createSim } from '../../../harness/rehearsal/sim/create-sim.ts';
import { send, watch } from './send.ts';

const configMap = (name: string, data: Record<string, string> = {}) => ({ metadata: { name }, data });
const Foo = '/api/v1/namespaces/foo/configmaps';

describe('reading', () => {
  it('answers with kind and apiVersion, a Date header of virtual time, and 404 as a Status', async () => {
    const sim = await createSim();
    const found = await send(sim, 'GET', '/api/v1/namespaces/foo');
    expect(found.body).toMatchObject({ kind: 'Namespace', apiVersion: 'v1', status: { phase: 'Active' } });
    expect(Math.abs(Date.parse(found.headers['date'] ?? '') - sim.clock.now())).toBeLessThan(1001);
    expect(await send(sim, 'GET', `${Foo}/nope`)).toMatchObject({
      status: 404,
      body: { kind: 'Status', reason: 'NotFound', message: 'configmaps "nope" not found', code: 404 },
    });
  });

  it('lists in pages of one moment, and says 410 for a page asked for too late', async () => {
    const sim = await createSim();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await send(sim, 'POST', Foo, configMap(name));
    const first = await send(sim, 'GET', `${Foo}?limit=2`);
    expect(first.body.metadata).toMatchObject({ remainingItemCount: 3 });
    await send(sim, 'POST', Foo, configMap('aa'));
    const second = await send(sim, 'GET', `${Foo}?limit=2&continue=${first.body.metadata.continue}`);
    const names = [...first.body.items, ...second.body.items].map(({ metadata }) => metadata.name);
    expect(names).toEqual(['a', 'b', 'c', 'd']);
    expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
    await sim.advance(6 * 60_000);
    expect(await send(sim, 'GET', `${Foo}?limit=2&continue=${second.body.metadata.continue}`)).toMatchObject({
      status: 410,
      body: { reason: 'Expired' },
    });
  });

  it.for([
    { query: 'labelSelector=app%3Dfoo', count: 2 },
    { query: 'labelSelector=app+in+(foo,bar),!istio', count: 4 },
    { query: 'labelSelector=app%21%3Dfoo,app,!pod-template-hash', count: 5 },
    { query: 'fieldSelector=status.phase%21%3DSucceeded,metadata.namespace%3Dfoo', count: 2 },
    { query: 'fieldSelector=status.phase%3DFailed', count: 0 },
  ])('selects $count pods by $query', async ({ query, count }) => {
    const sim = await createSim();
    expect((await send(sim, 'GET', `/api/v1/pods?${query}`)).body.items).toHaveLength(count);
  });

  it('sends metadata only when asked for it', async () => {
    const sim = await createSim();
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    const { body } = await send(sim, 'GET', '/api/v1/namespaces/foo/pods', undefined, { accept });
    expect(body).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' });
    expect(Object.keys(body.items[0]).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
  });

  it('serves resources of a definition only while it exists', async () => {
    const sim = await createSim();
    const path = '/apis/gateway.networking.k8s.io/v1/gateways';
    expect(await send(sim, 'GET', path)).toMatchObject({ status: 404, body: '404 page not found\n' });
    await send(sim, 'POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      metadata: { name: 'gateways.gateway.networking.k8s.io' },
      spec: {
        group: 'gateway.networking.k8s.io',
        scope: 'Namespaced',
        names: { plural: 'gateways', kind: 'Gateway' },
        versions: [{ name: 'v1', served: true, storage: true }],
      },
    });
    expect(await send(sim, 'GET', path)).toMatchObject({ status: 200, body: { kind: 'GatewayList', items: [] } });
  });
});

describe('writing', () => {
  it('refuses a stale version with 409 Conflict and the message of the real server', async () => {
    const sim = await createSim();
    const created = await send(sim, 'POST', Foo, configMap('x', { a: '1' }));
    expect(created.status).toBe(201);
    const newer = await send(sim, 'PUT', `${Foo}/x`, { ...created.body, data: { a: '2' } });
    expect(Number(newer.body.metadata.resourceVersion)).toBeGreaterThan(Number(created.body.metadata.resourceVersion));
    expect(await send(sim, 'PUT', `${Foo}/x`, { ...created.body, data: { a: '3' } })).toMatchObject({
      status: 409,
      body: {
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on configmaps "x": the object has been modified; please apply your changes to the latest version and try again',
      },
    });
    expect(await send(sim, 'POST', Foo, configMap('x'))).toMatchObject({
      status: 409,
      body: { reason: 'AlreadyExists', message: 'configmaps "x" already exists' },
    });
  });

  it('demands a version for the update of a Lease', async () => {
    const sim = await createSim();
    const leases = '/apis/coordination.k8s.io/v1/namespaces/istio-system/leases';
    await send(sim, 'POST', leases, { metadata: { name: 'l' }, spec: { holderIdentity: 'a' } });
    expect(
      await send(sim, 'PUT', `${leases}/l`, { metadata: { name: 'l' }, spec: { holderIdentity: 'b' } }),
    ).toMatchObject({
      status: 422,
      body: { reason: 'Invalid' },
    });
  });

  it('changes nothing, not even the version, when a write says what is already there', async () => {
    const sim = await createSim();
    const before = sim.store.resourceVersion;
    const labels = { metadata: { labels: { 'istio.io/rev': 'default' } } };
    const { status } = await send(sim, 'PATCH', '/api/v1/namespaces/foo', labels, {
      contentType: 'application/merge-patch+json',
    });
    expect(status).toBe(200);
    expect(sim.store.resourceVersion).toBe(before);
  });

  it('stores nothing of a dry run', async () => {
    const sim = await createSim();
    expect((await send(sim, 'POST', `${Foo}?dryRun=All`, configMap('dry'))).status).toBe(201);
    expect((await send(sim, 'GET', `${Foo}/dry`)).status).toBe(404);
  });

  it('counts generations for changes of the spec only', async () => {
    const sim = await createSim();
    const path = '/apis/apps/v1/namespaces/foo/deployments/foo';
    const contentType = 'application/merge-patch+json';
    const { body } = await send(sim, 'GET', path);
    const labelled = await send(sim, 'PATCH', path, { metadata: { labels: { x: 'y' } } }, { contentType });
    expect(labelled.body.metadata.generation).toBe(body.metadata.generation);
    const scaled = await send(sim, 'PATCH', path, { spec: { replicas: 3 } }, { contentType });
    expect(scaled.body.metadata.generation).toBe(body.metadata.generation + 1);
  });

  it('lets a second manager apply a field only by force, and then makes it the owner', async () => {
    const sim = await createSim();
    const apply = (manager: string, a: string, force = false) =>
      send(
        sim,
        'PATCH',
        `${Foo}/ssa?fieldManager=${manager}&force=${force}`,
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ssa' }, data: { a } },
        { contentType: 'application/apply-patch+yaml' },
      );
    expect((await apply('argocd-controller', '1')).status).toBe(201);
    expect(await apply('upgrader', '2')).toMatchObject({
      status: 409,
      body: {
        reason: 'Conflict',
        message: 'Apply failed with 1 conflict: conflict with "argocd-controller": .data.a',
      },
    });
    const { body } = await apply('upgrader', '2', true);
    expect(body.data).toEqual({ a: '2' });
    expect(body.metadata.managedFields).toEqual([
      expect.objectContaining({ manager: 'upgrader', operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } }),
    ]);
  });

  it('removes the fields that their manager no longer applies', async () => {
    const sim = await createSim();
    const apply = (data: Record<string, string>) =>
      send(
        sim,
        'PATCH',
        `${Foo}/ssa?fieldManager=me`,
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ssa', labels: { keep: 'me' } }, data },
        { contentType: 'application/apply-patch+yaml' },
      );
    await apply({ a: '1', b: '2' });
    expect((await apply({ a: '1' })).body).toMatchObject({ data: { a: '1' }, metadata: { labels: { keep: 'me' } } });
  });

  it('lets pods terminate, and deletes what belonged to a deleted owner', async () => {
    const sim = await createSim();
    const { body } = await send(sim, 'DELETE', `/api/v1/namespaces/foo/pods/${sim.pods('foo')[0]?.metadata.name}`);
    expect(body.metadata.deletionTimestamp).toBeDefined();
    await send(sim, 'DELETE', '/apis/apps/v1/namespaces/foo/deployments/foo');
    await sim.settle();
    expect(sim.pods('foo')).toEqual([]);
  });
});

describe('watching', () => {
  it('sends what happens after the version of the list, in order and in whole lines', async () => {
    const sim = await createSim();
    const { body } = await send(sim, 'GET', Foo);
    const { events, abort } = await watch(sim, `${Foo}?watch=true&resourceVersion=${body.metadata.resourceVersion}`);
    for (let i = 0; i < 20; i++) await send(sim, 'POST', Foo, configMap(`c${i}`, { text: 'ä'.repeat(i) }));
    await send(sim, 'DELETE', `${Foo}/c0`);
    await sim.advance(100);
    abort();
    expect(events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
      ...Array.from({ length: 20 }, (_, i) => `ADDED c${i}`),
      'DELETED c0',
    ]);
  });

  it('catches up from an older version', async () => {
    const sim = await createSim();
    const { body } = await send(sim, 'GET', Foo);
    await send(sim, 'POST', Foo, configMap('missed'));
    const { events } = await watch(sim, `${Foo}?watch=1&resourceVersion=${body.metadata.resourceVersion}`);
    await sim.advance(100);
    expect(events).toMatchObject([{ type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name: 'missed' } } }]);
  });

  it('sends 410 in an ERROR event, and ends, when the version was compacted', async () => {
    const sim = await createSim();
    sim.store.compact();
    const { status, events, ended } = await watch(sim, `${Foo}?watch=true&resourceVersion=5`);
    await sim.run(ended);
    expect(status).toBe(200);
    expect(events).toMatchObject([{ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } }]);
    expect(events[0]?.object.message).toMatch(/^too old resource version: 5 \(\d+\)$/);
  });

  it('turns an object that stops matching the selector into a deletion', async () => {
    const sim = await createSim();
    await send(sim, 'POST', Foo, { metadata: { name: 'x', labels: { on: 'yes' } } });
    const { events } = await watch(sim, `${Foo}?watch=true&labelSelector=on%3Dyes`);
    await send(
      sim,
      'PATCH',
      `${Foo}/x`,
      { metadata: { labels: { on: 'no' } } },
      { contentType: 'application/merge-patch+json' },
    );
    await sim.advance(100);
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
  });

  it('sends bookmarks when asked, ends after its timeout, and rejects when aborted', async () => {
    const sim = await createSim();
    const timed = await watch(sim, `${Foo}?watch=true&allowWatchBookmarks=true&timeoutSeconds=150`);
    await sim.run(timed.ended);
    expect(timed.events.map(({ type }) => type)).toEqual(['BOOKMARK', 'BOOKMARK', 'BOOKMARK']);
    const aborted = await watch(sim, `${Foo}?watch=true`);
    aborted.abort();
    await expect(aborted.ended).rejects.toThrow('aborted');
    expect(sim.transport.watches.count).toBe(0);
  });
});

describe('rights and faults', () => {
  it('refuses a denied request, and access reviews predict it', async () => {
    const sim = await createSim({ user: 'system:serviceaccount:default:probe' });
    sim.transport.access.deny({ verb: 'create', resource: 'pods' });
    expect(await send(sim, 'POST', '/api/v1/namespaces/foo/pods', { metadata: { name: 'x' } })).toMatchObject({
      status: 403,
      body: {
        reason: 'Forbidden',
        message:
          'pods is forbidden: User "system:serviceaccount:default:probe" cannot create resource "pods" in API group "" in the namespace "foo"',
      },
    });
    const review = (verb: string) =>
      send(sim, 'POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        spec: { resourceAttributes: { verb, group: '', resource: 'pods', namespace: 'foo' } },
      });
    expect((await review('create')).body.status.allowed).toBe(false);
    expect((await review('get')).body.status.allowed).toBe(true);
  });

  it('can commit a write and lose its answer', async () => {
    const sim = await createSim();
    sim.transport.interceptors.push(({ method }) => (method === 'POST' ? 'timeout-after-commit' : undefined));
    await expect(send(sim, 'POST', Foo, configMap('lost'))).rejects.toMatchObject({ code: 'UND_ERR_HEADERS_TIMEOUT' });
    expect((await send(sim, 'GET', `${Foo}/lost`)).status).toBe(200);
  });

  it('can lose a request on its way, refuse it, or answer for itself', async () => {
    const sim = await createSim();
    const faults = ['timeout-before-commit', 'refused', { status: 503, body: '{}' }] as const;
    let next = 0;
    sim.transport.interceptors.push(() => faults[next++]);
    await expect(send(sim, 'POST', Foo, configMap('x'))).rejects.toMatchObject({ code: 'UND_ERR_HEADERS_TIMEOUT' });
    await expect(send(sim, 'POST', Foo, configMap('x'))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect((await send(sim, 'POST', Foo, configMap('x'))).status).toBe(503);
    expect((await send(sim, 'GET', `${Foo}/x`)).status).toBe(404);
  });
});
