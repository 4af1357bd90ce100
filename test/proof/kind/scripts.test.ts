import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../harness/proof/lab/wait-until.ts';

const script = (name: string) => join(import.meta.dirname, '../../../harness/proof/kind/manifests', name);
const begin = (name: string, env: Record<string, string>) =>
  execa('node', [script(name)], { env: { PORT: '0', ...env }, reject: false, timeout: 15_000 });
const started: ReturnType<typeof begin>[] = [];
afterEach(() => {
  for (const each of started.splice(0)) each.kill('SIGKILL');
});

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
});
