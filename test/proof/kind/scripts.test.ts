import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { neverConnected, sumRequests } from '../../../harness/proof/kind/requests.ts';
import { waitUntil } from '../../../harness/proof/lab/wait-until.ts';

const script = (name: string) => join(import.meta.dirname, '../../../harness/proof/kind/manifests', name);
const begin = (name: string, env: Record<string, string>) =>
  execa('node', [script(name)], { env: { PORT: '0', ...env }, reject: false, timeout: 15_000 });
const started: ReturnType<typeof begin>[] = [];
afterEach(() => {
  for (const each of started.splice(0)) each.kill('SIGKILL');
});

const folder = mkdtempSync(join(tmpdir(), 'scripts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const patience = { deadlineMs: 10_000, everyMs: 20 };

/** Runs a script of the pods until it says where it listens. */
async function start(
  name: string,
  env: Record<string, string>,
): Promise<{ url: string; process: ReturnType<typeof begin> }> {
  const process = begin(name, env);
  started.push(process);
  let said = '';
  process.stdout.on('data', (chunk) => {
    said += String(chunk);
  });
  const port = await waitUntil(`${name} to listen`, () => /listening on (\d+)/.exec(said)?.[1], patience);
  return { url: `http://127.0.0.1:${port}`, process };
}

describe('what runs in the pods', () => {
  it('the workload continues to serve after SIGTERM, and then ends', async () => {
    const { url, process } = await start('app.mjs', { DRAIN_MS: '1500' });
    process.kill('SIGTERM');
    const answer = await fetch(url, { headers: { connection: 'close' } });
    expect([answer.status, await answer.text()]).toEqual([200, 'served\n']);
    expect((await process).exitCode).toBe(0);
  });

  it('the load generator counts what was served and what failed, each for its target', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/a/cut') response.destroy();
      else response.writeHead(request.url === '/a/well' ? 200 : 503).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const GATEWAY = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { url } = await start('load.mjs', { GATEWAY, TARGETS: 'a/well a/bad a/cut', EVERY_MS: '10' });
    const count = (text: string, target: string, outcome: string) =>
      Number(new RegExp(`^load_requests_total{target="${target}",outcome="${outcome}"} (\\d+)$`, 'm').exec(text)?.[1]);
    const metrics = await waitUntil(
      'three calls of each',
      async () => {
        const text = await (await fetch(url)).text();
        const done = [count(text, 'a/well', 'served'), count(text, 'a/bad', 'failed'), count(text, 'a/cut', 'failed')];
        return done.every((each) => each >= 3) ? text : false;
      },
      patience,
    );
    expect([
      count(metrics, 'a/well', 'failed'),
      count(metrics, 'a/bad', 'served'),
      count(metrics, 'a/cut', 'served'),
    ]).toEqual([0, 0, 0]);
    server.close();
    server.closeAllConnections();
  });

  it('the load generator counts nothing before the gateway has answered, and asks it from ports that no later call has', async () => {
    // Nothing listens at first: a Service without rules.
    const server = createServer((request, response) => {
      ports.push([request.url ?? '', request.socket.remotePort ?? 0]);
      response.writeHead(200).end();
    });
    const ports: [string, number][] = [];
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const FILE = join(folder, 'outside.jsonl');
    const env = { GATEWAY: `http://127.0.0.1:${port}`, TARGETS: 'a/well', EVERY_MS: '10', FILE };
    const { url, process } = await start('load.mjs', env);
    let said = '';
    process.stdout.on('data', (chunk) => {
      said += String(chunk);
    });
    await waitUntil('a call that is refused', () => said.includes('the gateway does not answer yet'), patience);
    server.listen(port, '127.0.0.1');
    await waitUntil('three calls', () => ports.length > 3, patience);
    const text = await (await fetch(url)).text();
    expect(text).toContain('load_requests_total{target="a/well",outcome="failed"} 0');
    const [[first, own] = ['', 0], ...later] = ports;
    expect(first).toBe('/');
    expect(own).toBeLessThan(32_768);
    expect(later.every(([path, from]) => path === '/a/well' && from >= 32_768)).toBe(true);

    server.close();
    server.closeAllConnections();
    await waitUntil('a call that is lost', () => /a\/well not connected: .* from port/.test(said), patience);
    process.kill('SIGTERM');
    await process;
    const seconds = readFileSync(FILE, 'utf8').replaceAll(/^/gm, 'outside ');
    const lost = sumRequests(seconds.replaceAll('a/well', 'foo/foo'), { since: 0 });
    expect(lost.map(neverConnected).some((count) => count > 0)).toBe(true);
  });
});
