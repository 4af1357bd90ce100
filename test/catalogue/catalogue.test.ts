import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourcesIn } from '../../harness/tools/imports.ts';
import { catalogue } from '../../src/catalogue/catalogue.ts';

const root = join(import.meta.dirname, '../..');
const definition = /\b(?:defineFinding|defineError|defineFamily)(?:<[^>]*>)?\(\{\s*code: '([A-Z_]+)'/g;

const definedIn = (folder: string) =>
  sourcesIn(folder).flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(definition)].map(([, code]) => code),
  );

describe('the catalogue', () => {
  it('has every code that a source file defines, once', () => {
    expect(definedIn('src').toSorted()).toEqual(catalogue.map(({ code }) => code));
    expect(new Set(catalogue.map(({ code }) => code)).size).toBe(catalogue.length);
    expect(definedIn('harness')).toEqual([]);
  });

  it('is the only maker of findings and errors: nothing else writes their codes', () => {
    const makers = sourcesIn('src').filter((file) => /as DefinedCode\b/.test(readFileSync(join(root, file), 'utf8')));
    expect(makers).toEqual(['src/model/finding.ts', 'src/model/upgrade-error.ts']);
  });

  it.for(catalogue.map((form) => [form.code, form] as const))(
    'contains meaning, cause and remedy of %s',
    ([, form]) => {
      for (const text of [form.title, form.cause]) expect(text).toMatch(/^[\p{L}`\d-].*[.]$/u);
      const remedy = 'fix' in form ? form.fix : (form.remedy ?? form.hint);
      expect(typeof remedy === 'string' && remedy.length > 10, 'a remedy without names').toBe(true);
    },
  );
});
