import { stripVTControlCharacters } from 'node:util';

const LINES_MAX = 5;
const LINE_LENGTH_MAX = 400;

/** The last output of a failed istioctl, without colours and without the picture of a ship that `install` draws. */
export function lastWords({ stdout, stderr }: { stdout: string; stderr: string }): string {
  const said = meaningfulLines(stderr);
  const lines = said.length > 0 ? said : meaningfulLines(stdout);
  // The rest of a panic is a stack, and the error of `install` begins in the middle of a progress line.
  const panic = lines.find((line) => line.startsWith('panic: '));
  if (panic !== undefined) return shortened(panic);
  const text = lines.join('\n');
  const error = text.lastIndexOf('Error: ');
  return error === -1
    ? shortenedLines(lines.slice(-LINES_MAX))
    : shortenedLines(text.slice(error).split('\n').slice(0, LINES_MAX));
}

function meaningfulLines(text: string): string[] {
  return stripVTControlCharacters(text)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => !/^[\s|/\\_]*$/.test(line));
}

function shortenedLines(lines: readonly string[]): string {
  return lines.map(shortened).join('\n');
}

function shortened(line: string): string {
  return line.length > LINE_LENGTH_MAX ? `${line.slice(0, LINE_LENGTH_MAX)}…` : line;
}
