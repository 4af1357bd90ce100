import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lintPromql } from '../../src/promql/lint-promql.ts';
import { equalMatchers, selector } from '../../src/promql/selector.ts';

describe('a selector', () => {
  it.for([
    { matchers: [], text: 'up{}' },
    { matchers: ['', ''], text: 'up{}' },
    { matchers: ['a="b"', ''], text: 'up{a="b"}' },
    { matchers: ['a="b", c="d"', 'e=~"f"'], text: 'up{a="b", c="d", e=~"f"}' },
  ])('of the matchers $matchers is $text', ({ matchers, text }) => {
    expect(selector('up', ...matchers)).toBe(text);
  });

  it('is valid PromQL for any labels and values, in whichever order they are written', () => {
    const names = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,10}$/).filter((name) => name !== '__proto__');
    fc.assert(
      fc.property(fc.dictionary(names, fc.string({ unit: 'binary' }), { noNullPrototype: true }), (labels) => {
        const matchers = equalMatchers(labels);
        expect(lintPromql(selector('up', matchers))).toEqual([]);
        expect(equalMatchers(Object.fromEntries(Object.entries(labels).reverse()))).toBe(matchers);
      }),
    );
  });
});
