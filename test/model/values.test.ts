import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { merged, settingsOf, type Values, withoutPaths } from '../../src/model/values.ts';

const key = fc.stringMatching(/^[a-z]{1,3}$/);
const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.stringMatching(/^[a-z]{1,4}$/));
const values = fc.letrec<{ values: Values }>((tie) => ({
  values: fc.dictionary(key, fc.oneof({ depthSize: 'small' }, leaf, tie('values')), { maxKeys: 4 }),
})).values;
const seed = 20261128;

describe('values of charts', () => {
  it('are settings by path; what is empty is none, and a list is one', () => {
    expect(settingsOf({ a: { b: 1, c: {}, d: '' }, e: [1, { f: 2 }], g: null, h: [] })).toEqual(
      new Map([
        ['a.b', '1'],
        ['e', '[1,{"f":2}]'],
      ]),
    );
  });

  it.for([
    { path: 'a.b', left: { c: ['x'] } },
    { path: 'a', left: { c: ['x'] } },
    { path: 'c[0].name', left: { a: { b: 1 } } },
    { path: 'a.b.deeper', left: { c: ['x'] } },
    { path: 'nothing.there', left: { a: { b: 1 }, c: ['x'] } },
  ])('without $path are $left', ({ path, left }) => {
    expect(withoutPaths({ a: { b: 1 }, c: ['x'] }, [path])).toEqual(left);
  });

  it('are found by a path with escaped dots', () => {
    expect(withoutPaths({ a: { 'b.c/d': 1, e: 2 } }, ['a.b\\.c/d'])).toEqual({ a: { e: 2 } });
  });

  it(`have no setting of a path that was taken out, and every other (seed ${seed})`, () => {
    fc.assert(
      fc.property(values, fc.nat(), (all, draw) => {
        const settings = settingsOf(all);
        const path = [...settings.keys()][draw % Math.max(1, settings.size)];
        if (path === undefined) return;
        const expected = new Map(settings);
        expected.delete(path);
        expect(settingsOf(withoutPaths(all, [path]))).toEqual(expected);
      }),
      { seed },
    );
  });

  it(`that are merged have every setting of the later ones (seed ${seed})`, () => {
    fc.assert(
      fc.property(values, values, (earlier, later) => {
        const settings = settingsOf(merged(earlier, later));
        for (const [path, value] of settingsOf(later)) expect(settings.get(path)).toBe(value);
      }),
      { seed },
    );
  });
});
