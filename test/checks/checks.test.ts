import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourcesIn } from '../../harness/tools/imports.ts';
import { checkedAspects, checks } from '../../src/checks/checks.ts';

const root = join(import.meta.dirname, '../..');

describe('the list of checks', () => {
  it('has every topic that a file of src/checks defines', () => {
    const defined = sourcesIn('src/checks').filter((file) =>
      /= defineCheck\(/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(defined.length).toBe(checks.length);
    expect(defined.length).toBeGreaterThan(5);
  });

  it('requests each aspect once', () => {
    expect(new Set(checkedAspects).size).toBe(checkedAspects.length);
  });
});
