import { formatDuration } from '../model/duration.ts';
import { defineError } from '../model/upgrade-error.ts';

const READ_BACK = 'What it did before is read back from the cluster: run again, or ask `status`.';

export const CommandMissing = defineError({
  code: 'COMMAND_MISSING',
  title: 'A command of mesh.installer cannot be started.',
  cause:
    'The program is not on the PATH, or its file is absent or cannot be executed. It is started in the folder of the config.',
  message: (program: string, reason: string) => `Cannot start ${program}: ${reason}.`,
  hint: 'Install the program, or correct its path in mesh.installer.command.',
  actor: 'workflow author',
  state: 'Nothing was changed by this call.',
  exit: 'usage',
  blames: 'person',
});

export const CommandTimeout = defineError({
  code: 'COMMAND_TIMEOUT',
  title: 'A command of mesh.installer did not end in time.',
  cause: 'It waits for something that does not come, or needs longer than mesh.installer.command.timeout.',
  message: (command: string, timeoutMs: number, lastWords: string) =>
    `\`${command}\` was stopped after ${formatDuration(timeoutMs)}.${lastWords === '' ? '' : ` Its last words: ${lastWords}`}`,
  hint: 'Run the command in a shell to see what it waits for. If it needs longer, set mesh.installer.command.timeout.',
  actor: 'mesh operator',
  state: `The call may have done a part of its work. ${READ_BACK}`,
  exit: 'unreachable',
  blames: 'surroundings',
});

export const CommandFailed = defineError({
  code: 'COMMAND_FAILED',
  title: 'A command of mesh.installer failed.',
  cause: 'It ended with another exit code than 0.',
  message: (command: string, exitCode: number, lastWords: string) =>
    `\`${command}\` ended with exit code ${exitCode}${lastWords === '' ? ', without a word.' : `: ${lastWords}`}`,
  hint: 'Read the last lines, which are the output of your command. Repair the cause, then run again: the command is then repeated.',
  actor: 'mesh operator',
  state: `The call may have done a part of its work. ${READ_BACK}`,
  exit: 'unreachable',
  blames: 'surroundings',
});

export const CommandUnknown = defineError({
  code: 'COMMAND_UNKNOWN',
  title: 'The commands that install and remove istiods are not known.',
  cause: 'The upgrade was begun with mesh.installer.command, and this run has no config that names the commands.',
  message: () =>
    'This upgrade installs and removes istiods by commands of its config, and no config with commands is given.',
  hint: 'Give the config of the upgrade with --config (input config of the Action).',
  actor: 'workflow author',
  state: 'This call changed nothing.',
  exit: 'usage',
  blames: 'person',
});
