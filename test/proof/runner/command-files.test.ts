import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPairs } from '../../../harness/proof/runner/command-files.ts';

const seed = Number(process.env['SEED'] ?? 20261123);

describe('a file of names and values', () => {
  it.for([
    { what: 'nothing', text: '', pairs: [] },
    { what: 'empty lines', text: '\n\n', pairs: [] },
    { what: 'one pair without an end of line', text: 'a=b', pairs: [['a', 'b']] },
    { what: 'a value with = and <<', text: 'a=b=c<<d\n', pairs: [['a', 'b=c<<d']] },
    { what: 'an empty value', text: 'a=\n', pairs: [['a', '']] },
    { what: 'a carriage return, which stays', text: 'a=b\r\n', pairs: [['a', 'b\r']] },
    {
      what: 'several lines',
      text: 'a<<END\nb\n\nc=d\nEND\ne=f\n',
      pairs: [
        ['a', 'b\n\nc=d'],
        ['e', 'f'],
      ],
    },
    { what: 'no lines between delimiters', text: 'a<<END\nEND\n', pairs: [['a', '']] },
    { what: 'a delimiter at the very end', text: 'a<<END\nb\nEND', pairs: [['a', 'b']] },
    { what: 'a delimiter with = in it', text: 'a<<E=D\nb\nE=D\n', pairs: [['a', 'b']] },
  ])('may hold $what', ({ text, pairs }) => {
    expect([...readPairs(text)]).toEqual(pairs);
  });

  it.for([
    { text: 'plain\n', complaint: "Invalid format 'plain'" },
    { text: '<<END\nEND\n', complaint: 'Name must not be empty and delimiter must not be empty' },
    { text: 'a<<\n', complaint: 'Name must not be empty and delimiter must not be empty' },
    { text: 'a<<END\nb\n', complaint: "Matching delimiter not found 'END'" },
    { text: 'a<<END', complaint: "Matching delimiter not found 'END'" },
    { text: 'a<<END\nb', complaint: 'EOF marker missing new line' },
  ])('is refused: $text', ({ text, complaint }) => {
    expect(() => [...readPairs(text)]).toThrow(complaint);
  });

  it('gives what stands before a bad line', () => {
    const pairs = readPairs('a=b\nplain\n');
    expect(pairs.next().value).toEqual(['a', 'b']);
    expect(() => pairs.next()).toThrow("Invalid format 'plain'");
  });

  it(`gives back any value between delimiters that are not in it (seed ${seed})`, () => {
    const value = fc.string({ unit: fc.constantFrom('a', '=', '<', '\n', '\r', ' ', 'E') });
    fc.assert(
      fc.property(value, value, (one, other) => {
        const text = `a<<ghadelimiter\n${one}\nghadelimiter\nb<<ghadelimiter\n${other}\nghadelimiter\n`;
        expect([...readPairs(text)]).toEqual([
          ['a', one],
          ['b', other],
        ]);
      }),
      { seed },
    );
  });
});
