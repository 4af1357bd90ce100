import { Agent, get } from 'node:http';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/engine/system-clock.ts';
import { loadTransport } from '../../../src/kubernetes/client-transport.ts';
import { createCluster } from '../../../src/kubernetes/cluster.ts';
import { Namespaces } from '../../../src/ports/kinds.ts';
import { type Serving, serving } from './serve-fixtures.ts';

const bar = '/api/v1/namespaces/bar';

const ask = (served: Serving, path: string, init: RequestInit = {}) =>
  fetch(`${served.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${served.token}`, 'content-type': 'application/merge-patch+json' },
  });

describe('a served simulator', () => {
  it('is reached by the product with nothing but its kubeconfig', async () => {
    const served = await serving();
    const { transport } = loadTransport({ kubeconfig: served.kubeconfig, env: {} });
    const cluster = createCluster(transport, { clock: systemClock, userAgent: 'test' });
    const names = (await cluster.list(Namespaces)).map(({ metadata }) => metadata.name);
    expect(names).toEqual(expect.arrayContaining(['bar', 'baz', 'foo', 'istio-ingress', 'istio-system']));
    expect(served.requests()).toBe(1);
    await cluster.close();
  });

  it('dates its answers with virtual time', async () => {
    const served = await serving({ speed: 100 });
    const date = Date.parse((await ask(served, '/version')).headers.get('date') ?? '');
    expect(served.sim.clock.now() - date).toBeLessThan(60_000);
    expect(date).toBeLessThanOrEqual(served.sim.clock.now());
  });

  it('writes what it is sent', async () => {
    const served = await serving();
    const body = JSON.stringify({ metadata: { labels: { team: 'checkout' } } });
    expect((await ask(served, bar, { method: 'PATCH', body })).status).toBe(200);
    expect(await (await ask(served, bar)).json()).toMatchObject({ metadata: { labels: { team: 'checkout' } } });
  });

  it.for([
    { code: 404, reason: 'NotFound', when: 'there is no such object', method: 'GET', path: '/api/v1/namespaces/qux' },
    { code: 405, reason: 'MethodNotAllowed', when: 'the method is unknown', method: 'OPTIONS', path: bar },
    { code: 401, reason: 'Unauthorized', when: 'the token is another', method: 'GET', path: bar, token: 'guess' },
  ])('says $code $reason when $when', async ({ code, reason, method, path, token }) => {
    const served = await serving();
    const response = await ask({ ...served, token: token ?? served.token }, path, { method });
    expect(response.status).toBe(code);
    expect(await response.json()).toMatchObject({ kind: 'Status', reason, code });
  });

  it('tells kubectl where everything is, what definitions add included', async () => {
    const served = await serving();
    const known = async (path: string) => (await (await ask(served, path)).json()) as object;
    expect(await known('/api')).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    expect(await known('/apis')).toMatchObject({
      groups: expect.arrayContaining([expect.objectContaining({ name: 'apps' })]),
    });
    expect(await known('/apis/apps/v1')).toMatchObject({
      groupVersion: 'apps/v1',
      resources: expect.arrayContaining([
        expect.objectContaining({ name: 'deployments', kind: 'Deployment', namespaced: true, shortNames: ['deploy'] }),
        expect.objectContaining({ name: 'deployments/scale' }),
      ]),
    });
    const gateways = '/apis/gateway.networking.k8s.io/v1';
    expect((await ask(served, gateways)).status).toBe(404);
    served.sim.installGatewayApi();
    expect(await known(gateways)).toMatchObject({ resources: [{ name: 'gateways' }, { name: 'gateways/status' }] });
  });

  it('keeps a connection for the next request', async () => {
    const served = await serving();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const reused = () =>
      new Promise<boolean>((resolve, reject) => {
        const headers = { authorization: `Bearer ${served.token}` };
        const request = get(`${served.url}/version`, { agent, headers }, (response) => {
          response.resume().once('end', () => resolve(request.reusedSocket));
        }).once('error', reject);
      });
    expect([await reused(), await reused(), await reused()]).toEqual([false, true, true]);
    agent.destroy();
  });

  it('makes a request wait in virtual time', async () => {
    const served = await serving({ speed: 1_000 });
    const before = served.sim.clock.now();
    served.sim.transport.interceptors.push(() => ({ status: 503, body: '{}', afterMs: 30_000 }));
    expect((await ask(served, '/version')).status).toBe(503);
    expect(served.sim.clock.now() - before).toBeGreaterThanOrEqual(30_000);
  });

  it.for(['refused', 'timeout-before-commit', 'timeout-after-commit'] as const)(
    'cuts the connection of a request that is %s',
    async (fault) => {
      const served = await serving({ speed: 1_000 });
      served.sim.transport.interceptors.push(({ path }) => (path === '/version' ? fault : undefined));
      await expect(ask(served, '/version')).rejects.toThrow('fetch failed');
      expect((await ask(served, '/readyz')).status).toBe(200);
    },
  );

  it('streams a watch event by event, and forgets it when the client goes away', async () => {
    const served = await serving();
    const { sim } = served;
    const leaving = new AbortController();
    const { resourceVersion } = sim.store;
    const query = `watch=1&resourceVersion=${resourceVersion}&fieldSelector=metadata.name%3Dbar`;
    const { body } = await ask(served, `/api/v1/namespaces?${query}`, { signal: leaving.signal });
    expect(sim.transport.watches.count).toBe(1);

    const reader = (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    for (const team of ['checkout', 'search']) {
      await ask(served, bar, { method: 'PATCH', body: JSON.stringify({ metadata: { labels: { team } } }) });
      expect(await nextLine(reader)).toMatchObject({ type: 'MODIFIED', object: { metadata: { labels: { team } } } });
    }
    leaving.abort();
    await expect.poll(() => sim.transport.watches.count).toBe(0);
  });

  it('ends what is open when it is closed, by call or by signal', async () => {
    const closing = new AbortController();
    const served = await serving({ signal: closing.signal });
    const { body } = await ask(served, '/api/v1/namespaces?watch=1');
    const reading = new Response(body).text();
    closing.abort();
    await expect(reading).rejects.toThrow('terminated');
    await served.close();
    await expect(ask(served, '/version')).rejects.toThrow('fetch failed');
  });
});

/** Lines may come in two pieces. */
async function nextLine(reader: ReadableStreamDefaultReader<string>): Promise<unknown> {
  let text = '';
  while (!text.endsWith('\n')) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the watch ended after ${text}`);
    text += value;
  }
  return JSON.parse(text) as unknown;
}
