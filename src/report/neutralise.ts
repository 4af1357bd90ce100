import { stripVTControlCharacters } from 'node:util';
import { showUnseen } from './unseen.ts';

/**
 * Text from the cluster, from istioctl or from a config, made harmless for a terminal and for the log of a job: the runner
 * obeys every line that begins with `::`, and `##[` anywhere in a line (actions/runner: ActionCommand.cs); a carriage return
 * begins a line too.
 */
export function neutralise(text: string): string {
  const lines = stripVTControlCharacters(text)
    .replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replaceAll(/(?![\n\t])\p{Cc}/gu, '');
  return showUnseen(lines)
    .replaceAll(/^(\s*):(?=:)/gm, '$1: ')
    .replaceAll('##[', '## [');
}

/** One entry of a log. Its further lines are indented and marked, so that untrusted text cannot look like another entry. */
export function oneEntry(text: string): string {
  const [blank = '', said = ''] = /^(\n*)([\s\S]*)$/.exec(neutralise(text))?.slice(1) ?? [];
  return blank + said.trimEnd().replaceAll('\n', '\n        | ');
}
