import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderErrorDocs } from '../../harness/tools/error-docs.ts';

describe('docs/errors.md', () => {
  it('is what the catalogue gives (npm run docs)', () => {
    const committed = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
    expect(committed).toBe(renderErrorDocs());
  });
});
