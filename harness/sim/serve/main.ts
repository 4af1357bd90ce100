/** `npm run sim -- serve`: a simulated mesh that any Kubernetes client on this machine can talk to. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { createSim } from '../create-sim.ts';
import { type ServedSim, serveSim } from './serve-sim.ts';
import { ScrapeIntervalMs, servedConfig } from './served-config.ts';

/** So that Prometheus has samples of a mesh that has served for a while. */
const ServedBeforeMs = 10 * 60_000;

interface Options {
  port: number;
  seed: number;
  speed: number;
  folder?: string;
}

const program = new Command('sim').description('A simulated cluster with a mesh.');
program
  .command('serve')
  .description('serve the seed mesh over HTTP, until Ctrl-C')
  .option('--port <port>', 'on 127.0.0.1; 0 takes a free one', number, 0)
  .option('--seed <seed>', 'decides every delay, name and draw', number, 1)
  .option('--speed <factor>', 'virtual seconds in a real one', number, 1)
  .option('--folder <folder>', 'where kubeconfig and istioctl are written; a new one when left out')
  .action(serve);

async function serve({ port, seed, speed, folder }: Options): Promise<void> {
  const sim = await createSim({ seed, scrapeIntervalMs: ScrapeIntervalMs });
  await sim.advance(ServedBeforeMs);
  const served = await serveSim(sim, {
    folder: folder === undefined ? mkdtempSync(join(tmpdir(), 'served-sim-')) : resolve(folder),
    speed,
    port,
  });
  console.log(describe(served, speed));
  const { promise, resolve: end } = Promise.withResolvers<void>();
  process.once('SIGINT', end).once('SIGTERM', end);
  await promise;
  await served.close();
}

function describe({ url, kubeconfig, istioctl, nodeOptions }: ServedSim, speed: number): string {
  const hasten =
    speed === 1 ? '' : `\nexport NODE_OPTIONS='${nodeOptions}' # the clock of the program that upgrades, as fast`;
  return `Serving the seed mesh at ${url}; a second here is ${speed} s there. Ctrl-C ends it.

export KUBECONFIG=${kubeconfig}${hasten}

An istio-upgrade.yaml with short times; Prometheus takes a sample every ${ScrapeIntervalMs / 1000} s:
${servedConfig(istioctl)}`;
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new InvalidArgumentError('is no number.');
  return value;
}

await program.parseAsync();
