/** The commands of kind that a rehearsal uses, and `stand-in` for what only a lab can be asked. */
import { Command } from 'commander';
import { KIND_VERSION } from '../node-images.ts';
import { StandInClusters } from './clusters.ts';

const clusters = new StandInClusters(process.env, (line) => console.error(` ✓ ${line}`));
const program = new Command('kind').description('A stand-in for kind: its clusters are labs, without containers.');
const named = (command: Command) => command.option('--name <name>', 'the cluster', 'kind');

program.command('version').action(() => console.log(`kind v${KIND_VERSION} stand-in lab`));

const create = program.command('create');
named(create.command('cluster'))
  .requiredOption('--image <image>', 'the node image')
  .requiredOption('--kubeconfig <file>', 'where the way to it is written')
  .option('--wait <duration>', 'ignored: it always waits')
  .action(clusters.create);

const get = program.command('get');
get.command('clusters').action(() => {
  const names = clusters.names();
  if (names.length === 0) console.error('No kind clusters found.');
  else console.log(names.join('\n'));
});
named(get.command('kubeconfig')).action(({ name }) => console.log(clusters.kubeconfig(name)));

named(program.command('load').command('docker-image'))
  .argument('<image...>')
  .action((images: string[], { name }) => clusters.load(name, images));

named(program.command('export').command('logs'))
  .argument('<folder>')
  .action((folder: string, { name }) => clusters.exportLogs(name, folder));

named(program.command('delete').command('cluster')).option('--kubeconfig <file>').action(clusters.remove);

const only = program.command('stand-in').description('what kind itself has not');
named(only.command('errors').description('lets the proxies of a revision fail a share of what they serve'))
  .requiredOption('--revision <revision>')
  .requiredOption('--ratio <number>')
  .action(({ name, revision, ratio }) => clusters.setErrors(name, revision, Number(ratio)));
named(only.command('images').description('what was loaded')).action(({ name }) =>
  console.log(clusters.images(name).join('\n')),
);

try {
  await program.parseAsync();
} catch (error) {
  console.error(`ERROR: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
// Idle keep-alive connections to the lab's supervisor would hold the process.
process.exit();
