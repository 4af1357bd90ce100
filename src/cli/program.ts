import { Command, CommanderError, Option } from 'commander';
import { checkCommand } from './check.ts';
import { finalizeCommand } from './finalize.ts';
import { planCommand } from './plan.ts';
import { renderFailure } from './render-failure.ts';
import { rollbackCommand } from './rollback.ts';
import { statusCommand } from './status.ts';
import { type CliOptions, type Terminal, terminalOf } from './terminal.ts';
import { upgradeCommand } from './upgrade.ts';

type Verb = (options: CliOptions, terminal: Terminal) => Promise<number>;

/** Parses the command line and runs one verb; everything thrown, an Error or not, becomes a message and an exit code. */
export async function runCli(host: NodeJS.Process): Promise<number> {
  const terminal = terminalOf(host);
  let exitCode = 0;
  const program = buildProgram(async (verb, options) => {
    exitCode = await verb(options, terminal);
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

function buildProgram(run: (verb: Verb, options: CliOptions) => Promise<void>, terminal: Terminal): Command {
  const program = new Command('istio-canary-upgrade')
    .description(
      'Upgrades Istio by revision canary, stage by stage, judged on Prometheus, and takes itself back when the numbers say so.',
    )
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.log });
  const verb = (name: string, description: string, action: Verb, needsConfig: boolean): Command => {
    const command = program.command(name).description(description).exitOverride();
    if (needsConfig)
      command.requiredOption('--config <file>', 'the upgrade, in YAML (schema/istio-upgrade.schema.json)');
    else
      command
        .option('--config <file>', 'the upgrade, in YAML; without it --tag and --istio-namespace say which')
        .option('--tag <name>', 'the revision tag', 'default')
        .option('--istio-namespace <name>', 'where istiod runs', 'istio-system')
        .option('--istioctl <path>', 'istioctl of the newer release; the one on the PATH when left out');
    command
      .option('--kubeconfig <file>', 'as in kubectl')
      .option('--context <name>', 'as in kubectl')
      .addOption(
        new Option('--output <form>', 'for people, or one JSON document on stdout')
          .choices(['text', 'json'])
          .default('text'),
      )
      .action(async () => await run(action, command.opts<CliOptions>()));
    return command;
  };
  verb('check', 'Prove that the upgrade can be made; writes nothing.', checkCommand, true);
  verb('plan', 'Show what an upgrade would do, and its hash; writes nothing.', planCommand, true);
  verb('upgrade', 'Upgrade, or go on with an upgrade, from wherever the cluster is.', upgradeCommand, true)
    .option('--through <stage-or-wave>', 'stop after this stage (1 to 8, or its name) or wave')
    .option('--plan <hash>', 'refuse to follow any plan but the one with this hash')
    .option('--replan', 'go on although the plan differs from the one that the upgrade began with')
    .option('--rejudge', 'bake a wave again that has failed')
    .option('--report <file>', 'write the report of the run as JSON');
  verb(
    'rollback',
    'Take an upgrade back: the tag at once, then everything that runs the new revision.',
    rollbackCommand,
    false,
  )
    .option('--remove-new', 'after it: uninstall the new istiod, once nothing uses it')
    .option('--report <file>', 'write the report of the run as JSON');
  verb('status', 'Say how far an upgrade is, from the cluster alone; writes nothing.', statusCommand, false);
  verb('finalize', 'After a run that was killed: hold or go back, as the config says.', finalizeCommand, true).option(
    '--report <file>',
    'write the report of the run as JSON',
  );
  return program;
}
