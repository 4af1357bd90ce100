import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readWalk } from './read-walk.ts';
import { walk } from './walk.ts';

const walked = async (markdown: string, instead: Record<string, string> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'walk-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await walk(readWalk(markdown), { folder, env: { PATH: process.env['PATH'] ?? '' }, instead });
};

const block = (text: string, terminal = '') => `\`\`\`console ${terminal}\n${text}\n\`\`\`\n`;

describe('a walk through a document', () => {
  it('keeps variables, aliases and exit codes from one command to the next, and writes its files', async () => {
    await walked(
      [
        '```yaml\n# a.yaml\nkey: 5\n```\n',
        block('$ alias show="cat a.yaml"\n$ show\nkey: 5\n$ x=7; (exit 3)\n$ echo $?\n3\n$ echo $x\n7'),
      ].join('\n'),
    );
  });

  it('waits for the output of another terminal, and interrupts it', async () => {
    await walked(
      [
        block('$ bash -c "trap \'echo bye; exit 130\' INT; echo begun; while :; do sleep 0.05; done"\nbegun', 'other'),
        block('$ touch here'),
        block('^C\nbye\n$ echo $?\n130\n$ ls\nhere', 'other'),
      ].join('\n'),
    );
  });

  it('replaces the ids in the document by those of the current run', async () => {
    await walked(block('$ echo run 61ed044f\nrun 0badf00d\n$ echo 0badf00d is it\n61ed044f is it'));
  });

  it('types another command where a replacement is configured', async () => {
    await walked(block('$ rm -r /\n$ echo $x\n5'), { 'rm -r /': 'x=5' });
  });

  it.for([
    { when: 'a shown line does not come', text: '$ echo a\nb', says: 'line 2: has not come: b' },
    { when: 'lines come in another order', text: '$ echo a; echo b\nb\na', says: 'line 2: has not come: a' },
    { when: 'a command fails and the document is silent', text: '$ (exit 3)\n$ echo a', says: 'line 2: ends with 3' },
  ])('reports the line of the document when $when', async ({ text, says }) => {
    await expect(walked(block(text))).rejects.toThrow(says);
  });
});
