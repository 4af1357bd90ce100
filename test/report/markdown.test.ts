import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { code, fenced, plain } from '../../src/report/markdown.ts';

const seed = 20261123;
const hostile = fc.array(
  fc.constantFrom(
    '`',
    '```',
    '|',
    '<',
    '>',
    '&',
    '[',
    '](',
    ')',
    '!',
    '*',
    '_',
    '#',
    '\n',
    '\r',
    '\\',
    '@me',
    'http://x.y',
    '\u001b[1m',
    '<img src=x>',
    '::error::',
    'word',
    ' ',
  ),
  { maxLength: 20 },
);

describe('foreign text in a summary', () => {
  it.for([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['a | b', 'a \\| b'],
    ['[click](http://evil)', '\\[click\\](http:\u2060//evil)'],
    ['![x](y)', '\\!\\[x\\](y)'],
    ['@team look', '@\u2060team look'],
    ['two\nlines\u001b[31m', 'two lines'],
    ['# title', '\\# title'],
  ])('%j is escaped as %j', ([text = '', wanted]) => {
    expect(plain(text)).toBe(wanted);
  });

  it(`stays on its line and opens no tag, table cell or code span (seed ${seed})`, () => {
    fc.assert(
      fc.property(hostile, (pieces) => {
        const shown = plain(pieces.join(''));
        expect(shown).not.toMatch(/[<>\p{Cc}]/u);
        expect(shown).not.toMatch(/(?<!\\)(?:\\\\)*[`|[\]]/);
      }),
      { seed, numRuns: 2_000 },
    );
  });

  it(`cannot leave a code span or a fence (seed ${seed})`, () => {
    fc.assert(
      fc.property(hostile, (pieces) => {
        const text = pieces.join('');
        const span = code(text);
        const fence = /^`+/.exec(span)?.[0] ?? '';
        if (span !== '') expect(span.slice(fence.length, -fence.length)).not.toContain(fence);
        const block = fenced([text]);
        const open = /^`+/.exec(block)?.[0] ?? '';
        expect(block.slice(open.length, -open.length)).not.toContain(open);
      }),
      { seed, numRuns: 2_000 },
    );
  });
});
