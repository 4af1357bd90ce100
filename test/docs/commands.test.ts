import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blocksOf } from './read-walk.ts';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const documents = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((file) =>
  file.endsWith('.md'),
);

/** Blocks that hold nothing to type. */
const still = ['yaml', 'json', 'text', 'promql', 'mermaid'];

/** Walked on the simulator, or, for a cluster of one's own, in the lab. */
const walks = readdirSync(import.meta.dirname)
  .filter((name) => /\.(action|lab)\.test\.ts$/.test(name))
  .map((name) => read(`test/docs/${name}`))
  .join('\n');

/** Documents whose commands need what a walk has not, and the tests that run them. */
const elsewhere: Readonly<Record<string, string>> = { 'docs/kind.md': 'test/rehearsal/kind.containers.test.ts' };

/** Commands that a reader can type and no test runs. */
function untried(file: string, text: string): readonly string[] {
  const shown = elsewhere[file];
  if (shown !== undefined && existsSync(join(root, shown))) return [];
  const isWalked = walks.includes(`'${file}'`);
  return blocksOf(text).flatMap(({ info, line, lines }) => {
    const [language = ''] = info.split(' ');
    if (language === 'console') return isWalked ? [] : [`${file}:${line}: is walked by no test`];
    if (!still.includes(language))
      return [`${file}:${line}: begin it with console, or with one of ${still.join(', ')}`];
    return lines.some((each) => each.startsWith('$ ')) ? [`${file}:${line}: commands belong to console`] : [];
  });
}

describe('commands in documents', () => {
  it.for(documents)('are all run by a test: %s', (file) => {
    expect(untried(file, read(file))).toEqual([]);
  });

  it.for([
    { when: 'no test walks the document', file: 'docs/new.md', text: '```console\n$ rm -r /\n```' },
    { when: 'the block does not say what it is', file: 'README.md', text: '```\nnpm run x\n```' },
    { when: 'the block is a script', file: 'README.md', text: '```bash\nnpm run x\n```' },
    { when: 'they hide in a text', file: 'README.md', text: '```text\n$ npm run x\n```' },
  ])('are found when $when', ({ file, text }) => {
    expect(untried(file, text)).toHaveLength(1);
  });
});
