import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { readDuration } from '../model/duration.ts';
import { type VerbName, verbs } from '../verbs/index.ts';
import { renderFailure } from './render-failure.ts';
import { type CliOptions, runVerb } from './run-verb.ts';
import { type Terminal, terminalOf } from './terminal.ts';

/** Parses the command line and runs one verb; everything thrown, an Error or not, becomes a message and an exit code. */
export async function runCli(host: NodeJS.Process): Promise<number> {
  const terminal = terminalOf(host);
  let exitCode = 0;
  const program = buildProgram(async (name, options) => {
    exitCode = await runVerb(verbs[name], options, terminal);
  }, terminal);
  try {
    await program.parseAsync(host.argv);
    return exitCode;
  } catch (failure) {
    if (failure instanceof CommanderError) return failure.exitCode === 0 ? 0 : 2;
    const json = host.argv.some(
      (arg, index) => arg === '--output=json' || (arg === '--output' && host.argv[index + 1] === 'json'),
    );
    const { text, code } = renderFailure(failure, json);
    (json ? terminal.out : terminal.log)(text);
    return code;
  } finally {
    terminal.close();
  }
}

function duration(text: string): string {
  const reading = readDuration(text);
  if (!reading.ok) throw new InvalidArgumentError(`It ${reading.message}; ${reading.instead}.`);
  return text;
}

function buildProgram(run: (verb: VerbName, options: CliOptions) => Promise<void>, terminal: Terminal): Command {
  const program = new Command('istio-canary-upgrade')
    .description(
      'Upgrades Istio by revision canary, stage by stage, judges each wave by metrics from Prometheus, and rolls back automatically if they fail.',
    )
    .version(packageJson.version)
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.log });
  const verb = (name: VerbName): Command => {
    const { description, needsConfig, changes } = verbs[name];
    const command = program.command(name).description(description).exitOverride();
    if (needsConfig)
      command.requiredOption('--config <file>', 'the upgrade, in YAML (schema/istio-upgrade.schema.json)');
    else
      command
        .option('--config <file>', 'the upgrade, in YAML; without it --tag and --istio-namespace say which')
        .option('--tag <name>', 'the revision tag', 'default')
        .option('--istio-namespace <name>', 'where istiod runs', 'istio-system');
    command
      .option(
        '--istioctl <path>',
        'istioctl of the newer release; left out: as the config says, else the one on the PATH',
      )
      .option('--kubeconfig <file>', 'as in kubectl')
      .option('--context <name>', 'as in kubectl')
      .addOption(
        new Option('--output <form>', 'for people, or one JSON document on stdout')
          .choices(['text', 'json'])
          .default('text'),
      )
      .action(async () => await run(name, command.opts<CliOptions>()));
    if (changes)
      command
        .option('--report <file>', 'write the report of the run: a page if the name ends in .html, else JSON')
        .option('--metrics <file>', 'write the metrics of the run, as text for Prometheus')
        .option('--timeout <duration>', 'start nothing more after this time, for example 50m', duration);
    return command;
  };
  verb('check');
  verb('plan');
  verb('upgrade')
    .option('--through <stage-or-wave>', 'stop after this stage (1 to 8, or its name) or wave')
    .option('--plan <hash>', 'refuse to follow any plan but the one with this hash')
    .option('--dry-run', 'show the plan, make every check, write nothing')
    .option('--replan', 'go on although the plan differs from the one that the upgrade began with')
    .option('--rejudge', 'bake a wave again that has failed');
  verb('rollback').option('--remove-new', 'after it: uninstall the new istiod, once nothing uses it');
  verb('status');
  verb('unlock').requiredOption('--holder <id>', 'the run that holds it, as `status` and LOCK_HELD name it');
  verb('export')
    .option('--out <file>', 'write the inventory there; left out: to stdout')
    .option('--hash-names', 'put hashes for the names of namespaces, workloads, pods and gateways');
  verb('finalize')
    .addOption(
      new Option('--after <what>', 'how the run ended that is to be finalized')
        .choices(['cancelled', 'failed'])
        .default('cancelled'),
    )
    .option('--run <id>', 'do nothing unless this run was the last to write the journal');
  return program;
}
