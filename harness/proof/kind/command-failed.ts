/** A program ended with an error: its first words, and the last lines that it wrote. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  constructor(words: readonly string[], how: string, output: string) {
    const lines = output
      .trim()
      .split('\n')
      .filter((line) => line.trim() !== '');
    super([`\`${words.slice(0, 4).join(' ')}\` failed (${how}):`, ...lines.slice(-LAST_LINES)].join('\n  '));
  }
}

const LAST_LINES = 12;
