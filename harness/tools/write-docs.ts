/** `npm run docs`: what is written in two places is written here from one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withSection } from './action-docs.ts';
import { withBlameTable } from './blame-docs.ts';
import { renderErrorDocs } from './error-docs.ts';
import { withLayers } from './layers.ts';

const root = join(import.meta.dirname, '../..');

writeFileSync(join(root, 'docs/errors.md'), renderErrorDocs());
for (const file of ['action.yml', 'docs/action.md'] as const) {
  const path = join(root, file);
  writeFileSync(path, withSection(file, readFileSync(path, 'utf8')));
}

const troubled = join(root, 'docs/troubled-rollouts.md');
writeFileSync(troubled, withBlameTable(readFileSync(troubled, 'utf8')));

const architecture = join(root, 'ARCHITECTURE.md');
writeFileSync(architecture, withLayers(readFileSync(architecture, 'utf8')));
