import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

/** Wording that a reader has to translate, and what to write instead. */
const banned: readonly { words: RegExp; instead: string }[] = [
  { words: /\bwho(?:m)?ever\b/gi, instead: 'a run that, a user who' },
  { words: /\b(?:nobody|somebody)\b/gi, instead: 'name the person or program' },
  { words: /\bdeeds?\b/gi, instead: 'write, effect' },
  { words: /\b(?:new)?born\b/gi, instead: 'created, new' },
  { words: /\bmend(?:s|ed|ing)?\b/gi, instead: 'fix, repair' },
  { words: /\bbef(?:ell|all|alls|allen)\b/gi, instead: 'happened to' },
  { words: /\bheirs?\b/gi, instead: 'the run that takes over' },
  { words: /\bthereof\b/gi, instead: 'of it' },
  { words: /\bhands\b|\b(?:foreign|same|another|other) hand\b/gi, instead: 'context, writer, controller' },
  { words: /\beyes\b/gi, instead: 'context, adapters' },
  { words: /\bis no (?:PromQL|id|name|pair)\b/gi, instead: 'is not a, is not valid' },
  { words: /\bis none of\b/gi, instead: 'must be one of' },
  { words: /\bcannot be had\b/gi, instead: 'cannot be combined, is not available' },
  { words: /\bt(?:ake|akes|aken|aking|ook) (?:(?:itself|it|them|everything|all) )?back\b/gi, instead: 'roll back' },
  { words: /\bweather\b/gi, instead: 'name the condition' },
];

/** What people read. docs/errors.md is made from the catalogue, whose wording is checked where it is written. */
const documents = globSync(
  [
    '*.md',
    'docs/**/*.md',
    'harness/**/*.md',
    'harness/rehearsal/scenarios/*.yaml',
    'action.yml',
    'deploy/*.yaml',
    'examples/**/*.{yml,yaml}',
    '.github/**/*.yml',
    'schema/*.json',
  ],
  { cwd: root },
).filter((file) => file !== 'docs/errors.md');

/** Files and folders whose comments, texts and names are checked too; a folder joins when it is clean. */
const sources: readonly string[] = [
  'harness',
  'src',
  'test/action',
  'test/catalogue',
  'test/checks',
  'test/cli',
  'test/config',
  'test/docs',
  'test/effects',
  'test/engine',
  'test/gate',
  'test/github',
  'test/hostile',
  'test/inventory',
  'test/istioctl',
  'test/kubernetes',
  'test/lab',
  'test/mesh',
  'test/model',
  'test/notify',
  'test/plan',
  'test/prometheus',
  'test/promql',
  'test/proof',
  'test/rehearsal',
  'test/report',
  'test/rollout',
  'test/secrecy',
  'test/stages',
  'test/tools',
  'test/workflows',
  'test/workloads',
];

const sourceFiles = sources.flatMap((path) =>
  path.endsWith('.ts') ? [path] : globSync(`${path}/**/*.ts`, { cwd: root }),
);

/**
 * Blocks show what the program prints; its words are checked where they are written. So are the titles of quoted tests.
 * In code the user `nobody` is the one that the contract with the real API server was recorded with.
 */
function proseOf(file: string, text: string): string {
  if (!file.endsWith('.md')) return text.replaceAll(/(?<=\buser'?: )'nobody'/g, '');
  const blank = (block: string) => block.replaceAll(/[^\n]/g, '');
  return text
    .replaceAll(/^```(?:console|text)\b.*\n[\s\S]*?^```$/gm, blank)
    .replaceAll(/(?<=`test\/[^`]+`: )"[^|\n]*"/g, '');
}

function complaints(file: string, text: string): readonly string[] {
  return proseOf(file, text)
    .split('\n')
    .flatMap((line, index) =>
      banned.flatMap(({ words, instead }) =>
        [...line.matchAll(words)].map(([found]) => `${file}:${index + 1}: "${found}"; write ${instead}`),
      ),
    );
}

describe('the words of documents and code', () => {
  it.for([...documents, ...sourceFiles].sort())('are plain technical English in %s', (file) => {
    expect(complaints(file, readFileSync(join(root, file), 'utf8'))).toEqual([]);
  });

  it.for([
    { file: 'a.md', text: 'Whoever runs it', says: ['a.md:1: "Whoever"; write a run that, a user who'] },
    { file: 'a.md', text: 'It\ntakes itself back.', says: ['a.md:2: "takes itself back"; write roll back'] },
    { file: 'a.ts', text: '// by foreign hands', says: ['a.ts:1: "hands"; write context, writer, controller'] },
    { file: 'a.ts', text: 'is no PromQL', says: ['a.ts:1: "is no PromQL"; write is not a, is not valid'] },
    { file: 'a.ts', text: "new Sim({ user: 'nobody' })", says: [] },
    { file: 'a.ts', text: "'nobody'", says: ['a.ts:1: "nobody"; write name the person or program'] },
    { file: 'a.md', text: '```console\n$ x\nnobody\n```\ndone by hand', says: [] },
    { file: 'a.md', text: '| `test/x.test.ts`: "which is nobody" |', says: [] },
  ])('of "$text" are found, except in what a program prints', ({ file, text, says }) => {
    expect(complaints(file, text)).toEqual(says);
  });

  it('are looked for in every kind of document', () => {
    for (const file of ['README.md', 'docs/glossary.md', 'docs/decisions/README.md', 'action.yml', 'deploy/rbac.yaml'])
      expect(documents).toContain(file);
    expect(documents.some((file) => file.startsWith('.github/'))).toBe(true);
    expect(sourceFiles.length).toBeGreaterThan(10);
  });
});
