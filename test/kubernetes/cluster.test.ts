import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCluster } from '../../src/kubernetes/cluster.ts';
import { AmbiguousWrite, StatusError } from '../../src/kubernetes/status-error.ts';
import { ConfigMaps, Deployments, MutatingWebhooks, Namespaces, Pods } from '../../src/ports/kinds.ts';
import { date, fails, json, ScriptedTransport, silence, status, text } from './scripted-transport.ts';
import { SteppedClock } from './stepped-clock.ts';

let clock: SteppedClock;
let transport: ScriptedTransport;

beforeEach(() => {
  clock = new SteppedClock();
  transport = new ScriptedTransport();
});
afterEach(() => {
  expect(transport.unscripted).toEqual([]);
});

const cluster = (limits = {}) =>
  createCluster(transport, { clock, userAgent: 'canary/1', server: 'https://api:6443', limits, random: () => 0.5 });

const map = (name: string, resourceVersion = '1') => ({
  metadata: { name, namespace: 'istio-system', resourceVersion, uid: `uid-${name}` },
});
const configMaps = '/api/v1/namespaces/istio-system/configmaps';
const page = (items: unknown[], next = '', resourceVersion = '100') => ({
  kind: 'List',
  metadata: { resourceVersion, continue: next },
  items,
});

describe('a list', () => {
  it('follows the pages and gives every item the kind that lists leave out', async () => {
    transport
      .on('GET', '/api/v1/pods?labelSelector=app%3Da&limit=500', json(page([map('a')], 'more')))
      .on('GET', '/api/v1/pods?labelSelector=app%3Da&limit=500&continue=more', json(page([map('b')])));
    const pods = await clock.run(cluster().list(Pods, { labelSelector: 'app=a' }));
    expect(pods).toMatchObject([
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b' } },
    ]);
  });

  it('starts again when the pages have expired half way', async () => {
    transport
      .on('GET', '/api/v1/pods?limit=500', json(page([map('old')], 'more')), json(page([map('a')])))
      .on(
        'GET',
        '/api/v1/pods?limit=500&continue=more',
        status(410, 'Expired', 'the provided continue parameter is too old'),
      );
    expect(await clock.run(cluster().list(Pods))).toMatchObject([{ metadata: { name: 'a' } }]);
  });

  it('gives up when the pages expire again and again', async () => {
    const expired = status(410, 'Expired', 'too old');
    transport.on('GET', /pods/, expired, expired, expired);
    await expect(clock.run(cluster().list(Pods))).rejects.toMatchObject({ code: 410 });
  });

  it('reads an empty list, which Go sends as null', async () => {
    transport.on('GET', /namespaces/, json({ metadata: {}, items: null }));
    expect(await clock.run(cluster().list(Namespaces))).toEqual([]);
  });

  it('of metadata asks for nothing more, and drops the rest when a server sends it', async () => {
    transport.on('GET', /pods/, json(page([{ ...map('a'), spec: { containers: [] } }])));
    expect(await clock.run(cluster().listMetadata(Pods))).toEqual([{ apiVersion: 'v1', kind: 'Pod', ...map('a') }]);
    expect(transport.sent[0]?.headers['accept']).toBe(
      'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json',
    );
  });

  it('of a kind that is not installed is refused as not found', async () => {
    transport.on('GET', /pods/, text('404 page not found\n', 404));
    await expect(clock.run(cluster().list(Pods))).rejects.toMatchObject({ code: 404, reason: 'NotFound' });
  });
});

describe('one object', () => {
  it('is undefined when it does not exist', async () => {
    transport.on('GET', `${configMaps}/a`, status(404, 'NotFound', 'configmaps "a" not found'));
    expect(await clock.run(cluster().get(ConfigMaps, 'a', 'istio-system'))).toBeUndefined();
  });

  it('is not reported as missing when the 404 does not come from the API server', async () => {
    transport.on('GET', `${configMaps}/a`, text('<html>no such page</html>', 404));
    await expect(clock.run(cluster().get(ConfigMaps, 'a', 'istio-system'))).rejects.toBeInstanceOf(StatusError);
  });

  it('is not read from an answer that does not come from the API server', async () => {
    transport.on('GET', /configmaps/, text('<html>please log in</html>'));
    await expect(clock.run(cluster().get(ConfigMaps, 'a', 'istio-system'))).rejects.toMatchObject({
      code: 'CLUSTER_ANSWER_UNREADABLE',
      message: expect.stringContaining('please log in'),
    });
  });
});

describe('a read', () => {
  it.for([
    {
      after: 'the server is overloaded',
      reply: status(429, 'TooManyRequests', 'slow down', { 'retry-after': '2' }),
      waitedMs: 2_150,
    },
    { after: 'the server is not ready', reply: status(503, 'ServiceUnavailable', 'starting'), waitedMs: 150 },
    { after: 'the connection is reset', reply: fails('ECONNRESET'), waitedMs: 150 },
    { after: 'the connection is refused', reply: fails('ECONNREFUSED', 'connect'), waitedMs: 150 },
    { after: 'no answer in time', reply: silence, waitedMs: 30_150 },
  ])('is repeated when $after', async ({ reply, waitedMs }) => {
    // The first answer makes the server known, which lengthens the time for repeats.
    transport.on('GET', '/version', json({ gitVersion: 'v1.36.3' }));
    transport.on('GET', `${configMaps}/a`, reply, json(map('a')));
    const connected = cluster({ repeatForMs: 60_000 });
    await clock.run(connected.version());
    const startedAt = clock.now();
    expect(await clock.run(connected.get(ConfigMaps, 'a', 'istio-system'))).toMatchObject(map('a'));
    expect(clock.now() - startedAt).toBe(waitedMs);
    expect(connected.requests).toEqual({ get: 3 });
  });

  it.for([
    { reply: fails('ECONNREFUSED', 'connect'), words: 'the connection was refused' },
    { reply: fails('ENOTFOUND', 'getaddrinfo'), words: 'its name could not be resolved' },
    { reply: fails('SELF_SIGNED_CERT_IN_CHAIN'), words: 'the TLS handshake failed' },
    { reply: fails('UND_ERR_CONNECT_TIMEOUT'), words: 'it did not answer in time' },
  ])('fails soon, with the reason that $words, when the server was never reached', async ({ reply, words }) => {
    transport.on('GET', '/version', ...Array.from({ length: 20 }, () => reply));
    const startedAt = clock.now();
    await expect(clock.run(cluster().version())).rejects.toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      message: expect.stringMatching(new RegExp(`^https://api:6443 .*${words}`)),
    });
    expect(clock.now() - startedAt).toBeLessThan(3_001);
  });

  it.for([
    { code: 400, reason: 'BadRequest' },
    { code: 403, reason: 'Forbidden' },
    { code: 409, reason: 'Conflict' },
  ])('is not repeated after $code', async ({ code, reason }) => {
    transport.on('GET', /configmaps/, status(code, reason, 'no'));
    await expect(clock.run(cluster().get(ConfigMaps, 'a', 'istio-system'))).rejects.toMatchObject({ code, reason });
  });

  it('names the credentials when they are not accepted', async () => {
    transport.on('GET', '/version', status(401, 'Unauthorized', 'Unauthorized'));
    await expect(clock.run(cluster().version())).rejects.toMatchObject({ code: 'CLUSTER_UNAUTHORIZED' });
  });
});

describe('a write', () => {
  const patch = { type: 'merge', body: {}, fieldManager: 'canary' } as const;
  const target = { name: 'a', namespace: 'istio-system' };

  it.for([
    { when: 'the connection is reset', reply: fails('ECONNRESET') },
    { when: 'no answer comes', reply: silence },
    { when: 'the server answers 500', reply: status(500, 'InternalError', 'etcdserver: request timed out') },
    { when: 'a proxy answers 502', reply: text('bad gateway', 502) },
    { when: 'its answer cannot be read', reply: text('<html>') },
  ])('is sent once, and its outcome is unknown, when $when', async ({ reply }) => {
    transport.on('PATCH', /configmaps/, reply);
    await expect(clock.run(cluster().patch(ConfigMaps, target, patch))).rejects.toBeInstanceOf(AmbiguousWrite);
    expect(transport.sent).toHaveLength(1);
  });

  it.for([
    { when: 'the server is overloaded', reply: status(429, 'TooManyRequests', 'slow down') },
    { when: 'the connection was refused', reply: fails('ECONNREFUSED', 'connect') },
    { when: 'connecting timed out', reply: fails('ETIMEDOUT', 'connect') },
  ])('is repeated when it cannot have arrived: $when', async ({ reply }) => {
    transport.on('PATCH', /configmaps/, reply, json(map('a', '2')));
    expect(await clock.run(cluster().patch(ConfigMaps, target, patch))).toMatchObject(map('a', '2'));
  });

  it('that admission refuses is refused, not unknown, and not sent again', async () => {
    const message =
      'Internal error occurred: failed calling webhook "rev.namespace.sidecar-injector.istio.io": no endpoints';
    transport.on('POST', /configmaps/, status(500, 'InternalError', message));
    await expect(clock.run(cluster().create(ConfigMaps, map('a')))).rejects.toMatchObject({
      name: 'StatusError',
      message,
    });
  });

  it('as a dry run stores nothing and so is repeated', async () => {
    transport.on('POST', `${configMaps}?dryRun=All`, fails('ECONNRESET'), json(map('a')));
    expect(await clock.run(cluster().tryCreate(ConfigMaps, map('a')))).toMatchObject({ stored: map('a') });
  });

  it('keeps the reason of a conflict', async () => {
    transport.on('PUT', `${configMaps}/a`, status(409, 'Conflict', 'the object has been modified'));
    await expect(clock.run(cluster().replace(ConfigMaps, map('a')))).rejects.toMatchObject({ reason: 'Conflict' });
  });

  it.for([
    { type: 'merge', contentType: 'application/merge-patch+json', query: '?fieldManager=canary' },
    { type: 'strategic-merge', contentType: 'application/strategic-merge-patch+json', query: '?fieldManager=canary' },
    { type: 'apply', contentType: 'application/apply-patch+yaml', query: '?fieldManager=canary&force=true' },
  ] as const)('has the content type of its patch type $type', async ({ type, contentType, query }) => {
    transport.on('PATCH', `/apis/apps/v1/namespaces/foo/deployments/a${query}`, json(map('a')));
    const to = { name: 'a', namespace: 'foo' };
    await clock.run(cluster().patch(Deployments, to, { type, body: { x: 1 }, fieldManager: 'canary', force: true }));
    expect(transport.sent[0]).toMatchObject({
      body: '{"x":1}',
      headers: { 'content-type': contentType, 'user-agent': 'canary/1' },
    });
  });

  it('to a kind without namespaces is addressed without one', async () => {
    const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/a';
    transport.on('DELETE', path, json({ kind: 'Status', status: 'Success' }));
    await clock.run(cluster().delete(MutatingWebhooks, { name: 'a' }));
  });
});

describe('rights', () => {
  it('are answered in the order asked', async () => {
    const verbs = ['get', 'list', 'watch', 'patch', 'delete'];
    transport.on(
      'POST',
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      ...verbs.map(() => (request: { body?: string }) => {
        const allowed = request.body?.includes('"patch"') ?? false;
        return { ...answer({ status: { allowed } }) };
      }),
    );
    const rights = verbs.map((verb) => ({ verb, group: '', resource: 'pods' }));
    expect(await clock.run(cluster().may(rights))).toEqual([false, false, false, true, false]);
  });
});

const answer = (body: unknown) => ({
  status: 200,
  headers: { date },
  text: async () => JSON.stringify(body),
  async *chunks() {
    yield new Uint8Array();
  },
});

describe('the service proxy', () => {
  const request = {
    namespace: 'monitoring',
    service: 'prometheus',
    port: '9090',
    scheme: 'http',
    path: '/api/v1/query?query=1',
    timeoutMs: 500,
  } as const;
  const path = '/api/v1/namespaces/monitoring/services/http:prometheus:9090/proxy/api/v1/query?query=1';

  it('returns every answer of the service, errors too', async () => {
    transport.on('GET', path, text('no endpoints available', 503));
    expect(await clock.run(cluster().proxy(request))).toMatchObject({ status: 503, body: 'no endpoints available' });
  });

  it('gives up in the time it was given', async () => {
    transport.on('GET', path, silence);
    const startedAt = clock.now();
    await expect(clock.run(cluster().proxy(request))).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
    expect(clock.now() - startedAt).toBe(500);
  });
});

describe("the server's clock", () => {
  const at = (seconds: string) => json({ gitVersion: 'v1' }, 200, { date: `Thu, 01 Jan 2026 01:00:${seconds} GMT` });

  it('advances between answers, and does not move back within the second that the header leaves open', async () => {
    transport.on('GET', '/version', at('00'), at('00'), at('10'));
    const connected = cluster();
    await clock.run(connected.version());
    expect(connected.now()).toBe(Date.parse('2026-01-01T01:00:00Z'));
    await clock.advance(700);
    await clock.run(connected.version());
    expect(connected.now()).toBe(Date.parse('2026-01-01T01:00:00.700Z'));
    await clock.run(connected.version());
    expect(connected.now()).toBe(Date.parse('2026-01-01T01:00:10Z'));
  });
});

describe('closing the cluster', () => {
  it('ends open requests and leaves no timer behind', async () => {
    transport.on('GET', '/version', silence);
    const connected = cluster();
    const version = connected.version();
    const refused = expect(version).rejects.toThrow('closed');
    await clock.settle();
    await connected.close();
    await refused;
    await clock.settle();
    expect(clock.sleepers).toBe(0);
  });
});
