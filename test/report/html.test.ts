import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeText, html } from '../../src/report/html/html.ts';

const seed = 20261123;

describe('html', () => {
  it.for([
    { what: 'a script', text: '<script>alert(1)</script>', shown: '&#60;script&#62;alert(1)&#60;/script&#62;' },
    { what: 'the end of an attribute', text: '" onload="x', shown: '&#34; onload=&#34;x' },
    { what: 'the end of an attribute in single quotes', text: "' x='", shown: '&#39; x=&#39;' },
    { what: 'an entity', text: '&lt;b&gt;', shown: '&#38;lt;b&#38;gt;' },
    { what: 'the end of a style', text: '</style>]]>', shown: '&#60;/style&#62;]]&#62;' },
    { what: 'a character that changes the text direction', text: 'a\u202eb', shown: 'a\\u{202e}b' },
    { what: 'an escape sequence of a terminal', text: '\u001b[31m', shown: '\\u{1b}[31m' },
    { what: 'half of a surrogate pair', text: '\ud800', shown: '\ufffd' },
    { what: 'a name in another script', text: 'Größe ⛵ 名前', shown: 'Größe ⛵ 名前' },
  ])('shows $what as text', ({ text, shown }) => {
    expect(String(html`<p title="${text}">${text}</p>`)).toBe(`<p title="${shown}">${shown}</p>`);
  });

  it('nests its own markup, joins lists, and writes nothing for absent values', () => {
    const items = ['<a>', '<b>'].map((text) => html`<li>${text}</li>`);
    expect(String(html`<ul>${items}</ul>${undefined}${false}${0}`)).toBe(
      '<ul><li>&#60;a&#62;</li><li>&#60;b&#62;</li></ul>0',
    );
  });

  it('refuses an object that is not its own markup', () => {
    const forged = { toString: () => '<script>' } as unknown as string;
    expect(() => html`${forged}`).toThrow();
  });

  it('cuts a text that would fill the page', () => {
    expect(escapeText('x'.repeat(100_000)).length).toBeLessThan(5_000);
  });

  it(`leaves no character that could begin or end markup (seed ${seed})`, () => {
    const noMarkup = fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(escapeText(text)).not.toMatch(/[<>"'`\0]|&(?!#\d+;)/);
    });
    fc.assert(noMarkup, { seed, numRuns: 200 });
  });
});
