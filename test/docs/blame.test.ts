import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withBlameTable } from '../../harness/tools/blame-docs.ts';

describe('docs/troubled-rollouts.md', () => {
  it('has the table of evidence that decides (npm run docs)', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/troubled-rollouts.md'), 'utf8');
    expect(page).toBe(withBlameTable(page));
    expect(page).toContain('| a container of the sidecar runs and is not ready | 2 minutes |');
  });
});
