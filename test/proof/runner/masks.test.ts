import { describe, expect, it } from 'vitest';
import { Masks } from '../../../harness/proof/runner/masks.ts';

const apply = (secrets: readonly string[], text: string) => {
  const masks = new Masks();
  for (const secret of secrets) masks.add(secret);
  return masks.apply(text);
};

describe('masks', () => {
  it.for([
    { what: 'a value', secrets: ['hunter2'], text: 'is hunter2, hunter2!', masked: 'is ***, ***!' },
    { what: 'each line of a value', secrets: ['one\n  two  \r\n'], text: 'two or one', masked: '*** or ***' },
    { what: 'no blanks at the ends of a line', secrets: ['a\n  two  '], text: '[ two ]', masked: '[ *** ]' },
    { what: 'blanks of a value of one line only with it', secrets: [' two '], text: 'x two y', masked: 'x***y' },
    { what: 'values that touch as one', secrets: ['abc', 'def'], text: 'abcdef', masked: '***' },
    { what: 'values that overlap', secrets: ['abcd', 'cdef'], text: '-abcdef-', masked: '-***-' },
    { what: 'a value that overlaps itself', secrets: ['aa'], text: 'aaa', masked: '***' },
    { what: 'short values too', secrets: ['a'], text: 'banana', masked: 'b***n***n***' },
    { what: 'a value as JSON', secrets: ['a"b\nc'], text: String.raw`{"x":"a\"b\nc"}`, masked: '{"x":"***"}' },
    { what: 'a value in a URL', secrets: ["it's a b"], text: '?x=it%27s%20a%20b', masked: '?x=***' },
    { what: 'a value in XML', secrets: ['a<b'], text: '<x>a&lt;b</x>', masked: '<x>***</x>' },
    { what: 'a value without its quotes', secrets: ['"long enough"'], text: 'long enough', masked: '***' },
    { what: 'nothing where none is known', secrets: [], text: 'plain', masked: 'plain' },
  ])('hide $what', ({ secrets, text, masked }) => {
    expect(apply(secrets, text)).toBe(masked);
  });

  it.for(['', 'u', 'us', 'user:'])('hide a value in base64 behind %o', (before) => {
    const secret = 'correct horse battery';
    const encoded = Buffer.from(before + secret).toString('base64');
    expect(apply([secret], encoded)).toContain('***');
  });
});
