import { stripVTControlCharacters } from 'node:util';
import { neutralise } from './neutralise.ts';
import { showUnseen } from './unseen.ts';

/** Untrusted text for one place in a Markdown document, on one line and without effect: no link, image, HTML, mention or table cell. */
export function plain(text: string, longest = 400): string {
  const line = oneLine(text, longest);
  const cut = line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
  return (
    cut
      .toWellFormed()
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll(/[\\`*_{}[\]|~#!$]/g, '\\$&')
      // Characters that begin a list, underline a title, or draw a rule.
      .replace(/^[-+=]|(?<=^\d{1,9})[.)](?=\s|$)/, '\\$&')
      // A word joiner keeps addresses and names from becoming links and mentions.
      .replaceAll(/@(?=\w)|(?<=\w):(?=\/\/)|(?<=www)\./gi, '$&\u2060')
  );
}

/** Untrusted text in a code span; the fence is longer than any run of backticks inside. */
export function code(text: string, longest = 400): string {
  const line = oneLine(text, longest).slice(0, longest).toWellFormed().replaceAll('|', '¦');
  const fence = '`'.repeat(1 + Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)));
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return line === '' ? '' : `${fence}${pad}${line}${pad}${fence}`;
}

/** Lines of text unchanged, in a fence that nothing inside can close. */
export function fenced(lines: readonly string[], longest = 20_000): string {
  const text = neutralise(lines.join('\n').slice(0, longest));
  const fence = '`'.repeat(Math.max(3, 1 + Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))));
  return `${fence}text\n${text}\n${fence}`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

/** Reads only as much as is shown plus what is stripped: names from the cluster can have any length. */
function oneLine(text: string, longest: number): string {
  const line = stripVTControlCharacters(text.slice(0, 4 * longest)).replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return showUnseen(line).trim();
}
