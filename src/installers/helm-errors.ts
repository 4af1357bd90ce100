import { formatDuration } from '../model/duration.ts';
import { defineError } from '../model/upgrade-error.ts';

const READ_BACK = 'What it did before is read back from the cluster: run again, or ask `status`.';

export const HelmMissing = defineError({
  code: 'HELM_MISSING',
  title: 'helm cannot be started.',
  cause:
    'Helm installed the old istiod, or mesh.installer is helm, and no helm is on the PATH, or mesh.installer.helm.binary names a file that is absent or cannot be executed.',
  message: (binary: string, reason: string) => `Cannot start ${binary}: ${reason}.`,
  hint: 'Install helm 3.14 or newer, or write its path as mesh.installer.helm.binary. If another tool calls Helm for you, set mesh.installer: external, or give its commands.',
  actor: 'workflow author',
  state: 'Nothing was changed by this call.',
  exit: 'usage',
  blames: 'person',
  rulesOutIstioctl: true,
});

export const HelmTimeout = defineError({
  code: 'HELM_TIMEOUT',
  title: 'helm did not end in time.',
  cause: 'The API server or the repository of the charts does not answer helm.',
  message: (command: string, timeoutMs: number, lastWords: string) =>
    `\`${command}\` was stopped after ${formatDuration(timeoutMs)}.${lastWords === '' ? '' : ` Its last words: ${lastWords}`}`,
  hint: 'Run the command in a shell to see what it waits for.',
  actor: 'mesh operator',
  state: `The call may have done a part of its work. ${READ_BACK}`,
  exit: 'unreachable',
  blames: 'surroundings',
  rulesOutIstioctl: true,
});

export const HelmFailed = defineError({
  code: 'HELM_FAILED',
  title: 'helm failed.',
  cause:
    'helm ended with an error: a chart that cannot be found or rendered, missing rights, objects of another owner, or an API server that cannot be reached.',
  message: (command: string, exitCode: number, lastWords: string) =>
    `\`${command}\` ended with exit code ${exitCode}${lastWords === '' ? ', without a word.' : `: ${lastWords}`}`,
  hint: 'Read the last lines, which are the output of helm. If the chart cannot be found, correct mesh.installer.helm.charts.',
  actor: 'mesh operator',
  state: `The call may have done a part of its work. ${READ_BACK}`,
  exit: 'unreachable',
  blames: 'surroundings',
  rulesOutIstioctl: true,
});

export const HelmUnreadable = defineError({
  code: 'HELM_UNREADABLE',
  title: 'The output of helm has an unknown form.',
  cause: 'The binary is not a released helm, or a wrapper prints into its output.',
  message: (command: string, problem: string, excerpt: string) =>
    `The answer of \`${command}\` cannot be read: ${problem}. It begins: ${excerpt === '' ? '(nothing)' : excerpt}`,
  hint: 'Check that mesh.installer.helm.binary is a released helm. If it is, please report this with the output.',
  actor: 'maintainer',
  state: 'The output was not used for any decision.',
  exit: 'unreachable',
  blames: 'person',
  rulesOutIstioctl: true,
});
