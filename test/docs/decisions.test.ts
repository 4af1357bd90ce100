import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = join(import.meta.dirname, '../../docs/decisions');
const read = (file: string) => readFileSync(join(folder, file), 'utf8');
const files = readdirSync(folder).filter((name) => name !== 'README.md');

describe('docs/decisions', () => {
  it.for(files)('%s has a number, a title and the headings Context, Decision and Consequence', (file) => {
    const [, number = ''] = /^(\d\d)-[a-z0-9-]+\.md$/.exec(file) ?? [];
    const headings = [...read(file).matchAll(/^#+ .*$/gm)].map(([heading]) => heading);
    expect(headings[0]).toMatch(new RegExp(`^# ${Number(number)}\\. \\S`));
    expect(headings.slice(1)).toEqual(['## Context', '## Decision', '## Consequence']);
    const sections = read(file)
      .split(/^## .*$/m)
      .slice(1);
    expect(sections.filter((section) => section.trim() === '')).toEqual([]);
  });

  it('are numbered from 1 without a gap', () => {
    expect(files.map((file) => Number(file.slice(0, 2)))).toEqual(files.map((_, index) => index + 1));
  });

  it('are all in the index, in order, with their titles', () => {
    const wanted = files.map((file) => {
      const [, number, title] = /^# (\d+)\. (.*)$/m.exec(read(file)) ?? [];
      return `${number}. [${title}](${file})`;
    });
    expect(read('README.md').match(/^\d+\. .*$/gm)).toEqual(wanted);
  });
});
