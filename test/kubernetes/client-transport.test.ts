import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadTransport } from '../../src/kubernetes/client-transport.ts';

let folder: string;
let server: Server;
let url: string;
let handler: RequestListener;
let connections: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'transport-'));
  connections = 0;
  server = createServer((request, response) => handler(request, response)).on('connection', () => connections++);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

function load(user = 'token: secret', target = url) {
  const kubeconfig = join(folder, 'config');
  const text = `
clusters: [{ name: a, cluster: { server: "${target}", insecure-skip-tls-verify: true } }]
users: [{ name: a, user: { ${user} } }]
contexts: [{ name: a, context: { cluster: a, user: a } }]
current-context: a
`;
  writeFileSync(kubeconfig, text);
  return loadTransport({ kubeconfig, env: {} });
}

const get = (path = '/version', signal = new AbortController().signal) =>
  ({ method: 'GET', path, headers: {}, signal }) as const;

describe('the transport of a kubeconfig', () => {
  it('sends method, path, headers, body and token, and returns head and body', async () => {
    const seen: IncomingMessage[] = [];
    let body = '';
    handler = async (request, response) => {
      seen.push(request);
      for await (const chunk of request) body += chunk;
      response.writeHead(201, { 'X-Kind': 'Y' }).end('{"ok":true}');
    };
    const loaded = load();
    expect(loaded).toMatchObject({ context: 'a', server: url });
    const response = await loaded.transport.send({
      ...get('/api/v1/pods?limit=1'),
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"ü":1}',
    });
    expect(response).toMatchObject({ status: 201, headers: { 'x-kind': 'Y', date: expect.any(String) } });
    expect(await response.text()).toBe('{"ok":true}');
    expect(body).toBe('{"ü":1}');
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/api/v1/pods?limit=1',
      headers: { authorization: 'Bearer secret', 'content-type': 'application/json' },
    });
  });

  it('keeps its connection from request to request', async () => {
    handler = (_, response) => response.end('{}');
    const { transport } = load();
    for (let i = 0; i < 20; i++) await (await transport.send(get())).text();
    // A body is read a moment before its socket is free again, so a second one may open.
    expect(connections).toBeLessThanOrEqual(2);
  });

  it('streams a body as it arrives and stops when aborted', async () => {
    handler = (_, response) => response.write('first\n');
    const stop = new AbortController();
    const response = await load().transport.send(get('/watch', stop.signal));
    const chunks = response.chunks()[Symbol.asyncIterator]();
    expect(new TextDecoder().decode((await chunks.next()).value)).toBe('first\n');
    const next = chunks.next();
    stop.abort(new Error('enough'));
    await expect(next).rejects.toThrow();
  });

  it('throws the error of the network when no server listens', async () => {
    const { transport } = load();
    await new Promise((closed) => server.close(closed));
    await expect(transport.send(get())).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it.for([
    { user: 'username: me, password: pass', sent: { authorization: `Basic ${btoa('me:pass')}` } },
    { user: 'token: t, as: someone', sent: { authorization: 'Bearer t', 'impersonate-user': 'someone' } },
    { user: 'tokenFile: token', sent: { authorization: 'Bearer from-file' } },
    {
      user: `exec: { apiVersion: client.authentication.k8s.io/v1, command: sh, args: [-c, 'echo "{\\"status\\":{\\"token\\":\\"from-plugin\\"}}"'] }`,
      sent: { authorization: 'Bearer from-plugin' },
    },
  ])('authenticates by $user', async ({ user, sent }) => {
    writeFileSync(join(folder, 'token'), 'from-file\n');
    let headers = {};
    handler = (request, response) => {
      headers = request.headers;
      response.end('{}');
    };
    await load(user).transport.send(get());
    expect(headers).toMatchObject(sent);
  });

  it('names the user whose plugin fails, with the message of the plugin', async () => {
    const { transport } = load("exec: { command: sh, args: [-c, 'echo not logged in >&2; exit 1'] }");
    await expect(transport.send(get())).rejects.toMatchObject({
      code: 'CLUSTER_CREDENTIALS_FAILED',
      message: expect.stringContaining('not logged in'),
    });
  });

  it('runs a plugin again when its token is refused before it expires', async () => {
    const count = join(folder, 'count');
    const script = `echo x >> ${count}; printf "{\\"status\\":{\\"token\\":\\"t$(wc -l < ${count})\\",\\"expirationTimestamp\\":\\"2020-01-01T00:00:00Z\\"}}"`;
    handler = (request, response) =>
      response.writeHead(request.headers.authorization === 'Bearer t2' ? 200 : 401).end('{}');
    const { transport } = load(`exec: { command: sh, args: [-c, ${JSON.stringify(script)}] }`);
    expect((await transport.send(get())).status).toBe(200);
  });

  it('keeps no process alive, and loads none of the generated client', { timeout: 20_000 }, async () => {
    handler = (_, response) => response.end('{}');
    load();
    const module = new URL('../../src/kubernetes/client-transport.ts', import.meta.url).href;
    const script = `
      const { loadTransport } = await import('${module}');
      const { transport } = loadTransport({ kubeconfig: '${join(folder, 'config')}', env: {} });
      const response = await transport.send({ method: 'GET', path: '/', headers: {}, signal: new AbortController().signal });
      await response.text();
      console.log(JSON.stringify(process.memoryUsage().rss));
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      timeout: 15_000,
    });
    expect(Number(stdout) / 2 ** 20).toBeLessThan(120);
  });
});
