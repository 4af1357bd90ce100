import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const rows = readFileSync(join(root, 'docs/known-traps.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| id ') && !line.startsWith('| ---'))
  .map((line) => line.slice(2, -2).split(' | '));

/** `NotReady` of `NOT_READY`. */
const definitionName = (code: string): string =>
  code
    .split('_')
    .map((word) => `${word.slice(0, 1)}${word.slice(1).toLowerCase()}`)
    .join('');

describe('docs/known-traps.md', () => {
  it('consists of rows of four cells', () => {
    expect(rows.length).toBeGreaterThan(40);
    expect(rows.filter((cells) => cells.length !== 4)).toEqual([]);
  });

  it.for(rows)('names what prevents a trap and the test that shows it (%s: %s)', ([, , guard = '', shown = '']) => {
    const sources = [...guard.matchAll(/`(src\/[^`]+)`/g)].map(([, file = '']) => file);
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.filter((file) => !existsSync(join(root, file)))).toEqual([]);
    const codes = [...guard.matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(([, code = '']) => code);
    const prevents = sources.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
    const errors = readFileSync(join(root, 'src/engine/engine-errors.ts'), 'utf8');
    const isUsed = (code: string) => prevents.includes(`'${code}'`) || prevents.includes(`${definitionName(code)}.`);
    expect(codes.filter((code) => !isUsed(code) && !errors.includes(`'${code}'`))).toEqual([]);

    const [, file = '', title = ''] = /^`(test\/[^`]+)`: "(.*)"$/.exec(shown) ?? [];
    const text = readFileSync(join(root, file), 'utf8');
    const quoted = [`'${title}'`, `"${title}"`, `\`${title}\``];
    expect(
      quoted.some((each) => text.includes(each)),
      `${file}: ${title}`,
    ).toBe(true);
  });
});
