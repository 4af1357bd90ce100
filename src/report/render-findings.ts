import type { Finding } from '../model/finding.ts';
import { plain } from './markdown.ts';

/** The most entries of one list; the report has them all. */
const findingsMax = 60;
const objectsMax = 10;

/** Findings as a list in Markdown, each with what to do. */
export function renderFindings(findings: readonly Finding[], most = findingsMax): string {
  const items = findings.slice(0, most).map(({ code, severity, message, objects, fix, docs }) => {
    const shown = objects.slice(0, objectsMax).map((object) => `  - ${plain(object)}`);
    const more = objects.length > objectsMax ? [`  - and ${objects.length - objectsMax} more`] : [];
    const end = /[.!?]$/.test(message) ? '' : '.';
    const remedy = fix === '' ? '' : `${end} **Do:** ${plain(fix, 1_000)}`;
    return [
      `- **${plain(code, 80)}** (${severity}) ${plain(message, 1_000)}${remedy} [Explained](${docs})`,
      ...shown,
      ...more,
    ].join('\n');
  });
  const more = findings.length > most ? [`- and ${findings.length - most} more`] : [];
  return [...items, ...more].join('\n');
}
