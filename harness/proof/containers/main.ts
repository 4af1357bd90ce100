/** `npm run containers -- check | build | up | status | exec | down` */
import { Command } from 'commander';
import { workloadImages } from '../kind/manifests.ts';
import { runProgram } from '../lab/run-program.ts';
import { openContainers } from './build.ts';
import { nodeImageName } from './built-images.ts';
import { attachEngine, type Engine, sweepDeadEngine } from './engine.ts';
import { execInside } from './inside.ts';
import { expectContainers } from './preconditions.ts';

const { env } = process;
const tell = (line: string) => console.error(`[${process.uptime().toFixed(1)} s] ${line}`);
const interruption = new AbortController();
const { signal } = interruption;

const open = (detached: boolean): Promise<Engine> => {
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => interruption.abort(new Error('Interrupted; nothing is left of the engine.')));
  return openContainers({ env, workloads: workloadImages(), detached, tell, signal });
};

async function build(): Promise<void> {
  if (attachEngine(env)) throw new Error('The engine is running: npm run containers -- down');
  const engine = await open(false);
  await engine.stop();
  console.log(`The images are built; the node image is ${nodeImageName}.`);
}

async function up(): Promise<void> {
  const engine = await open(true);
  console.log(
    [
      `The engine is up. The node image is ${nodeImageName}.`,
      'Run a command there with: npm run containers -- exec <command>; docker, kind and kubectl are in its PATH.',
      `socket   ${engine.places.socket}`,
    ].join('\n'),
  );
}

function running(): Engine {
  const engine = attachEngine(env);
  if (!engine) throw new Error('No engine is up: npm run containers -- up');
  return engine;
}

async function status(): Promise<void> {
  const engine = attachEngine(env);
  console.log(engine ? await engine.docker.run(['ps', '--all']) : 'No engine is up.');
  if (!engine) process.exitCode = 1;
}

async function exec(words: readonly string[]): Promise<void> {
  process.exitCode = await execInside(running(), words, { env, signal });
}

async function down(): Promise<void> {
  const engine = attachEngine(env);
  await engine?.stop();
  const swept = await sweepDeadEngine(env);
  console.log(engine ? 'The engine is down.' : 'No engine was up.');
  if (swept.length > 0) console.log(`Removed what a dead engine left: ${swept.join(', ')}`);
}

const program = new Command('containers')
  .description('A Docker engine and a kind node image, made from packages alone.')
  .enablePositionalOptions();
program
  .command('check')
  .description('whether this machine can run them')
  .action(async () => {
    await expectContainers(env);
    console.log('Containers can run here.');
  });
program.command('build').description('build what is missing, once').action(build);
program.command('up').description('build what is missing and start the engine; it keeps running').action(up);
program.command('status').description('the containers of the engine').action(status);
program
  .command('exec')
  .description('run a command in the network of the engine')
  .argument('<command...>')
  .passThroughOptions()
  .action(exec);
program.command('down').description('end the engine and everything in it').action(down);

await runProgram(program, signal);
