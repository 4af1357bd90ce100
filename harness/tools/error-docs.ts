import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorDefinition } from '../../src/model/upgrade-error.ts';
import { sourcesIn } from './imports.ts';

const root = join(import.meta.dirname, '../..');

/** docs/errors.md, from the catalogue and from the checks: codes are permanent, so that people can search for them. */
export async function renderErrorDocs(): Promise<string> {
  const errors = await readCatalogue();
  const findings = readFindings();
  return [
    '# Errors and findings',
    'Written by `npm run docs`; codes never change.',
    '',
    '## Errors',
    'These end a run at once. The message says what was found, what to do and how the mesh was left.',
    '',
    '| code | what | who acts | how the mesh was left |',
    '|---|---|---|---|',
    ...errors.map(({ code, title, actor, state }) => `| \`${code}\` | ${title} | ${actor} | ${state} |`),
    '',
    '## Findings',
    'What checks and stages say about a mesh, with the objects by name and what to do. `blocks` stops; before stage 2 nothing was touched.',
    '',
    '| code | severity | where |',
    '|---|---|---|',
    ...findings.map(({ code, severity, file }) => `| \`${code}\` | ${severity} | [${file}](../${file}) |`),
    '',
  ].join('\n');
}

type AnyDefinition = ErrorDefinition<never[]>;

async function readCatalogue(): Promise<readonly AnyDefinition[]> {
  const modules = ['src', 'harness/rehearsal'].flatMap(sourcesIn).filter((name) => name.endsWith('-errors.ts'));
  const found: AnyDefinition[] = [];
  for (const name of modules) {
    const exported = (await import(join(root, name))) as Record<string, unknown>;
    for (const value of Object.values(exported))
      if (typeof value === 'object' && value !== null && 'definition' in value)
        found.push(value.definition as AnyDefinition);
  }
  return found.sort((a, b) => (a.code < b.code ? -1 : 1));
}

const severities = { problem: 'blocks', warning: 'warns', note: 'notes' } as const;

/** Findings are made where they are found; their codes are read from the source. */
function readFindings(): readonly { code: string; severity: string; file: string }[] {
  const files = sourcesIn('src');
  const rows = files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/\b(problem|warning|note)\(\s*'([A-Z_]+)'/g)].map(
      ([, kind, code = '']) => ({
        code,
        severity: severities[kind as keyof typeof severities],
        file,
      }),
    ),
  );
  const distinct = new Map(rows.map((row) => [JSON.stringify(row), row]));
  return [...distinct.values()].sort((a, b) => `${a.code} ${a.file}`.localeCompare(`${b.code} ${b.file}`));
}
