import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { readDuration } from '../model/duration.ts';
import { type VerbName, verbs } from '../verbs/index.ts';
import { helpAfter } from './help.ts';
import { renderFailure } from './render-failure.ts';
import { type CliOptions, runVerb } from './run-verb.ts';
import { type Terminal, terminalOf } from './terminal.ts';

/** Parses the command line and runs one verb; everything that is thrown, an Error or not, becomes a message and an exit code. */
export async function runCli(host: NodeJS.Process): Promise<number> {
  const terminal = terminalOf(host);
  let exitCode = 0;
  const program = buildProgram(
    async (name, options) => {
      exitCode = await runVerb(name, options, terminal);
    },
    terminal,
    (code) => {
      exitCode = code;
    },
  );
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

/** What a config is proposed from, besides the mesh. */
const proposing = (command: Command): Command =>
  command
    .option('--target <version>', 'the release to go to (default: the newest known one that may follow)')
    .option('--prometheus <url>', 'where Prometheus answers (default: the Services that look like one are asked)')
    .option('--critical <selector>', 'labels of namespaces or pods that are critical, and so not the canary');

function duration(text: string): string {
  const reading = readDuration(text);
  if (!reading.ok) throw new InvalidArgumentError(`It ${reading.message}; ${reading.instead}.`);
  return text;
}

function buildProgram(
  run: (verb: VerbName, options: CliOptions) => Promise<void>,
  terminal: Terminal,
  end: (exitCode: number) => void,
): Command {
  const program = new Command('istio-canary-upgrade')
    .description(
      'Upgrades Istio by revision canary, stage by stage, judges each wave by metrics from Prometheus, and rolls back automatically if they fail.',
    )
    .version(packageJson.version)
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.log });
  const verb = (name: VerbName): Command => {
    const { description, needsConfig, proposesConfig, changes, asks } = verbs[name];
    const command = program.command(name).description(description).exitOverride();
    if (needsConfig && proposesConfig !== true)
      command.requiredOption(
        '--config <file>',
        'the config of the upgrade, in YAML (schema/istio-upgrade.schema.json)',
      );
    else
      command
        .option(
          '--config <file>',
          proposesConfig === true
            ? 'the config of the upgrade, in YAML; without it, the one that init would write for the mesh'
            : 'the config of the upgrade, in YAML; without it, --tag and --istio-namespace select the upgrade',
        )
        .option('--tag <name>', 'the revision tag (default: default)')
        .option('--istio-namespace <name>', 'where istiod runs (default: istio-system)');
    command
      .option(
        '--istioctl <path>',
        'the path of istioctl of the target release; default: target.istioctl of the config, else istioctl on the PATH',
      )
      .option('--kubeconfig <file>', 'as in kubectl')
      .option('--context <name>', 'as in kubectl')
      .addOption(
        new Option('--output <form>', 'text for people, or one JSON document on stdout')
          .choices(['text', 'json'])
          .default('text'),
      )
      .action(async () => await run(name, command.opts<CliOptions>()));
    if (asks === true)
      command.option('-y, --yes', 'do not ask before the first write; without a terminal it never asks');
    command.addHelpText('after', helpAfter(name));
    if (changes)
      command
        .option(
          '--verbose',
          'print a line for every restart; without it restarts of more than five workloads are counted',
        )
        .option('--report <file>', 'write the report of the run: a page if the name ends in .html, else JSON')
        .option('--metrics <file>', 'write the metrics of the run, as text for Prometheus')
        .option('--timeout <duration>', 'start no new effect after this time, for example 50m', duration);
    return command;
  };
  proposing(verb('init'))
    .option('--out <file>', 'the file to write (default: istio-upgrade.yaml)')
    .option('--inventory <file>', 'read this inventory, which export wrote, and contact no cluster')
    .option('-y, --yes', 'take all proposals and do not ask; without a terminal it never asks');
  proposing(verb('check'));
  verb('plan');
  verb('upgrade')
    .option('--through <stage-or-wave>', 'stop after this stage (1 to 8, or its name) or wave')
    .option('--plan <hash>', 'refuse to run if the plan has another hash than this one')
    .option('--dry-run', 'show the plan, run every check and write nothing')
    .option('--replan', 'resume although the plan differs from the one that the upgrade started with')
    .option('--rejudge', 'bake and judge a failed wave again');
  verb('rollback').option('--remove-new', 'uninstall the new istiod afterwards, when nothing uses it');
  verb('status').option('--watch', 'show it again every two seconds, until no run is under way');
  verb('pause');
  verb('resume');
  verb('abort');
  verb('unlock').requiredOption(
    '--holder <id>',
    'the id of the run that holds the lock; status and LOCK_HELD print it',
  );
  verb('export')
    .option('--out <file>', 'write the inventory to this file; default: stdout')
    .option('--hash-names', 'replace the names of namespaces, workloads, pods and gateways by hashes');
  verb('finalize')
    .addOption(
      new Option('--after <what>', 'how the run that is finalized ended')
        .choices(['cancelled', 'failed', 'unreachable'])
        .default('cancelled'),
    )
    .option('--run <id>', 'do nothing unless the run with this id was the last to write the journal');
  program
    .command('explain <code>')
    .description('Explain the code of a message: cause, remedy, who acts; contacts no cluster.')
    .exitOverride()
    .addHelpText('after', '\nExample:\n  $ istio-canary-upgrade explain GATE_FAILED')
    .action(async (code: string) => {
      const { text, exitCode } = (await import('./explain.ts')).explain(code);
      (exitCode === 0 ? terminal.out : terminal.log)(text);
      end(exitCode);
    });
  return program;
}
