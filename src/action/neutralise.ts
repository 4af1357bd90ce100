import { stripVTControlCharacters } from 'node:util';

/**
 * Text from the cluster, from istioctl or from a config, made harmless for the log: the runner obeys every line that begins
 * with `::`, and `##[` anywhere in a line (actions/runner: ActionCommand.cs); a carriage return begins a line too.
 */
export function neutralise(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replaceAll(/(?![\n\t])\p{Cc}/gu, '')
    .replaceAll(/^(\s*):(?=:)/gm, '$1: ')
    .replaceAll('##[', '## [');
}
