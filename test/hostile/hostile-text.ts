import fc from 'fast-check';

export const seed = 20261123;

/** Pieces that act somewhere: in a runner's log, on a terminal, in Markdown, in HTML, in a file of outputs, in a shell. */
const hostilePieces = [
  '::error::',
  '::add-mask::a',
  '::stop-commands::x',
  '##[error]',
  '##[',
  '\u001b[31m',
  '\u001b]8;;http://evil\u0007',
  '\u001b[2J',
  '\u009b1m',
  '\r',
  '\n',
  '\r\n',
  '\u0085',
  '\u2028',
  '\u0000',
  '\u0008',
  '\u202e',
  '\u2066',
  '\u200b',
  '\u2060',
  '\u00ad',
  '\u{e0041}',
  '\ufeff',
  '\ud800',
  '| a | b |',
  '|---|',
  '[x](http://evil)',
  '![x](http://evil/y.png)',
  '`',
  '```',
  '<!--',
  '-->',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '</style>',
  '" onload="x',
  '&lt;',
  '@someone',
  'www.evil.example',
  '# title',
  '- item',
  '1. ',
  'ghadelimiter_1',
  'outcome=completed',
  'outcome<<EOF',
  '$(touch x)',
  ';',
  "'",
  ' ',
  'word',
] as const;

export const hostileText = fc
  .array(
    fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...hostilePieces) }, fc.string({ unit: 'binary', maxLength: 4 })),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((pieces) => pieces.join(''));

/** What a terminal obeys or does not show as it stands; line breaks and tabs stay, without which there is no log. */
export const actsOnTerminal = /(?![\n\t])\p{Cc}|\p{Cf}|\p{Default_Ignorable_Code_Point}|[\u2028\u2029]|\p{Surrogate}/u;

/** What the runner obeys: a line that begins with `::` once trimmed, or `##[` anywhere (actions/runner: ActionCommand.cs). */
export const commandsIn = (text: string): string[] =>
  text
    .split(/\r\n|[\n\r\u0085\u2028\u2029]/)
    .filter((line) => line.trimStart().startsWith('::') || line.includes('##['));
