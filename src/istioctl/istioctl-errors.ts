import { formatDuration } from '../model/duration.ts';
import { defineError } from '../model/upgrade-error.ts';

const READ_BACK = 'What it did before is read back from the cluster: run again, or ask `status`.';

export const IstioctlMissing = defineError({
  code: 'ISTIOCTL_MISSING',
  title: 'istioctl cannot be started.',
  cause: 'No istioctl is on the PATH, or target.istioctl names a file that is absent or cannot be executed.',
  message: (binary: string, reason: string) => `Cannot start ${binary}: ${reason}.`,
  hint: 'Install istioctl of the target version, or write its path as target.istioctl.',
  actor: 'workflow author',
  state: 'Nothing was changed by this call.',
  exit: 'usage',
  blames: 'person',
  rulesOutIstioctl: true,
});

export const IstioctlTimeout = defineError({
  code: 'ISTIOCTL_TIMEOUT',
  title: 'istioctl did not end in time.',
  cause: 'The API server does not answer istioctl, pods do not get ready, or a missing right makes istioctl wait.',
  message: (command: string, timeoutMs: number, lastWords: string) =>
    `\`${command}\` was stopped after ${formatDuration(timeoutMs)}.${lastWords === '' ? '' : ` Its last words: ${lastWords}`}`,
  hint: 'Run the command in a shell. Most often the API server cannot be reached, or istioctl waits for ever because the user lacks a right.',
  actor: 'mesh operator',
  state: `The call may have done a part of its work. ${READ_BACK}`,
  exit: 'unreachable',
  blames: 'surroundings',
  rulesOutIstioctl: true,
});

export const IstioctlFailed = defineError({
  code: 'ISTIOCTL_FAILED',
  title: 'istioctl failed.',
  cause:
    'istioctl ended with an error: missing rights, an API server that cannot be reached, or pods that do not get ready.',
  message: (command: string, ending: string, lastWords: string) =>
    `\`${command}\` ended with ${ending}${lastWords === '' ? ', without a word.' : `: ${lastWords}`}`,
  hint: 'Read the last lines, which are the output of istioctl. The usual reasons are missing rights, an API server that cannot be reached, and pods that do not get ready.',
  actor: 'mesh operator',
  state: `The call may have done a part of its work. ${READ_BACK}`,
  exit: 'unreachable',
  blames: 'surroundings',
  rulesOutIstioctl: true,
});

export const IstioctlUnreadable = defineError({
  code: 'ISTIOCTL_UNREADABLE',
  title: 'The output of istioctl has an unknown form.',
  cause: 'The binary is not a released istioctl of the target version, or a wrapper prints into its output.',
  message: (command: string, problem: string, excerpt: string) =>
    `The answer of \`${command}\` cannot be read: ${problem}. It begins: ${excerpt === '' ? '(nothing)' : excerpt}`,
  hint: 'Check that target.istioctl is a released istioctl of the target version. If it is, please report this with the output.',
  actor: 'maintainer',
  state: 'The output was not used for any decision.',
  exit: 'unreachable',
  blames: 'person',
  rulesOutIstioctl: true,
});

export const ValuesUnreadable = defineError({
  code: 'VALUES_UNREADABLE',
  title: 'A file of target.values cannot be used.',
  cause: 'It does not exist, is not YAML, or holds neither an IstioOperator nor values of the charts.',
  message: (file: string, reason: string) => `${file} cannot be used as values: ${reason}.`,
  hint: 'Correct the file, or its path in target.values.',
  actor: 'mesh operator',
  state: 'Nothing was changed.',
  exit: 'blocked',
  blames: 'person',
});
