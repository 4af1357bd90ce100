import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withTables } from '../../../harness/proof/bench/markdown-tables.ts';
import { performanceTables } from '../../../harness/proof/bench/performance-tables.ts';
import { readResults } from '../../../harness/proof/bench/results.ts';

const docs = join(import.meta.dirname, '../../../docs');
const results = readResults(join(docs, 'performance.json'));

it('docs/performance.md shows the figures of docs/performance.json', () => {
  expect(results.runs.length).toBeGreaterThan(3);
  const page = readFileSync(join(docs, 'performance.md'), 'utf8');
  expect(withTables(page, performanceTables(results))).toBe(page);
});

it('a page without the markers of a table is refused', () => {
  expect(() => withTables('# Performance\n', { time: '| a |' })).toThrow('no lines "begin: time"');
});
