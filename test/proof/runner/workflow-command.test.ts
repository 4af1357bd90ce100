import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCommand } from '../../../harness/proof/runner/workflow-command.ts';

const seed = Number(process.env['SEED'] ?? 20261123);

describe('a line of the log', () => {
  it.for([
    { line: '::error::bad', is: { name: 'error', properties: {}, data: 'bad' } },
    { line: '  ::error::after blanks', is: { name: 'error', properties: {}, data: 'after blanks' } },
    { line: '::ERROR::loud', is: { name: 'ERROR', properties: {}, data: 'loud' } },
    { line: '::group::a::b', is: { name: 'group', properties: {}, data: 'a::b' } },
    { line: '::endgroup::', is: { name: 'endgroup', properties: {}, data: '' } },
    {
      line: '::error file=a%2Cb.ts,line=1,Col=2,title=x%3Ay::two%0Alines, %250A',
      is: {
        name: 'error',
        properties: { file: 'a,b.ts', line: '1', col: '2', title: 'x:y' },
        data: 'two\nlines, %0A',
      },
    },
    // .NET's split drops empty parts.
    { line: '::error =a==b,c=,d=e=f::x', is: { name: 'error', properties: { a: 'b', d: 'e=f' }, data: 'x' } },
    // Only the whole is trimmed: the name of the second is ` title`.
    { line: '::error line=1, title=t::x', is: { name: 'error', properties: { line: '1', ' title': 't' }, data: 'x' } },
    { line: '::error::keeps %3A, %2C', is: { name: 'error', properties: {}, data: 'keeps %3A, %2C' } },
    { line: 'before ##[group]old form', is: { name: 'group', properties: {}, data: 'old form' } },
    {
      line: '##[warning file=a%3Bb;line=2]semi%5D%0A',
      is: { name: 'warning', properties: { file: 'a;b', line: '2' }, data: 'semi]\n' },
    },
    { line: '::nothing::##[error]old in new', is: { name: 'error', properties: {}, data: 'old in new' } },
  ])('is a command: $line', ({ line, is }) => {
    expect(readCommand(line)).toEqual(is);
  });

  it.for(['', 'plain', 'x ::error::y', '::error:y', ':: error::y', '::errors::y', '##[section]y', '##[error', '::::'])(
    'is none: %s',
    (line) => {
      expect(readCommand(line)).toBeUndefined();
    },
  );

  it('knows the token that ends stop-commands, in any case, and only where one is set', () => {
    expect(readCommand('::Token::', 'tOKEN')?.name).toBe('Token');
    expect(readCommand('::token::')).toBeUndefined();
  });

  it(`says back any message that is escaped as GitHub's own library does (seed ${seed})`, () => {
    const escaped = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
    const message = fc.string({ unit: fc.constantFrom('a', ':', ',', '%', '\r', '\n', ']', ';', '0', 'A', '=') });
    fc.assert(
      fc.property(message, message, (data, title) => {
        const property = escaped(title).replaceAll(':', '%3A').replaceAll(',', '%2C');
        const command = readCommand(`::error title=x${property}::${escaped(data)}`);
        expect(command).toMatchObject({ data, properties: { title: `x${title}` } });
      }),
      { seed },
    );
  });

  it(`without either mark is never a command (seed ${seed})`, () => {
    const line = fc.string().filter((text) => !text.trimStart().startsWith('::') && !text.includes('##['));
    fc.assert(
      fc.property(line, (text) => {
        expect(readCommand(text)).toBeUndefined();
      }),
      { seed },
    );
  });
});
