/** `npm run sim -- serve`: a simulated mesh that any Kubernetes client on this machine can talk to. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { createSim } from '../create-sim.ts';
import { serveSim } from './serve-sim.ts';
import { ScrapeIntervalMs } from './served-config.ts';
import { writeSurroundings } from './write-surroundings.ts';

/** So that Prometheus has samples of a mesh that has served for a while. */
const ServedBeforeMs = 10 * 60_000;

interface Options {
  port: number;
  seed: number;
  speed: number;
  folder?: string;
  badRelease: boolean;
}

const program = new Command('sim').description('A simulated cluster with a mesh.');
program
  .command('serve')
  .description('serve the seed mesh over HTTP, until Ctrl-C')
  .option('--port <port>', 'on 127.0.0.1; 0 takes a free one', number, 0)
  .option('--seed <seed>', 'decides every delay, name and draw', number, 1)
  .option('--speed <factor>', 'virtual seconds in a real one', number, 1)
  .option('--folder <folder>', 'where kubeconfig, istioctl and a config are written; a new one when left out')
  .option('--bad-release', 'the release to upgrade to fails a fifth of its requests', false)
  .action(serve);

async function serve({ port, seed, speed, folder, badRelease }: Options): Promise<void> {
  const sim = await createSim({ seed, scrapeIntervalMs: ScrapeIntervalMs });
  await sim.advance(ServedBeforeMs);
  if (badRelease) sim.traffic.setErrorRatio({ revision: '1-31-0', isGateway: false, ratio: 0.2 });
  const place = folder === undefined ? mkdtempSync(join(tmpdir(), 'served-sim-')) : resolve(folder);
  const served = await serveSim(sim, { folder: place, speed, port });
  const { env, config } = writeSurroundings(served, { folder: place, speed });
  console.log(`Serving the seed mesh at ${served.url}; a second here is ${speed} s there. Ctrl-C ends it.

source ${env}
  names its kubeconfig, its istioctl and, to the program that upgrades, its clock
${config}
  is a config with short times`);
  const { promise, resolve: end } = Promise.withResolvers<void>();
  process.once('SIGINT', end).once('SIGTERM', end);
  await promise;
  await served.close();
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new InvalidArgumentError('is no number.');
  return value;
}

await program.parseAsync();
