import type { RanAction } from './job.ts';

/** What a person wants to know after the log: outputs, steps, what the runner complained about, and the conclusion. */
export function describeRun({ conclusion, outputs, steps, complaints, orphans }: RanAction): string {
  const width = Math.max(0, ...Object.keys(outputs).map((name) => name.length));
  const blocks = [
    titled(
      'Steps',
      steps.map(({ name, outcome }) => `${marks[outcome]} ${name}: ${outcome}`),
    ),
    titled(
      'Outputs',
      Object.entries(outputs).map(([name, value]) => `${name.padEnd(width)}  ${indented(value, width + 4)}`),
    ),
    titled('The runner complains', complaints),
    titled(
      'Ended orphan processes',
      orphans.map(({ pid, command }) => `${pid}  ${command}`),
    ),
    `Conclusion: ${conclusion}`,
  ];
  return blocks.filter((block) => block !== '').join('\n');
}

const marks = { success: '✔', failure: '✘', cancelled: '⊘', skipped: '-' } as const;

const titled = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `${title}:\n${lines.map((line) => `  ${line}`).join('\n')}`;

const indented = (text: string, width: number): string => text.replaceAll('\n', `\n${' '.repeat(width)}`);
