import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourcesIn } from '../../harness/tools/imports.ts';
import { checkedAspects, checks } from '../../src/checks/checks.ts';
import { defineCheck } from '../../src/checks/define-check.ts';
import { TagMissing, TagSplit } from '../../src/checks/tags.ts';

const root = join(import.meta.dirname, '../..');

describe('the list of checks', () => {
  it('has every topic that a file of src/checks defines', () => {
    const defined = sourcesIn('src/checks').filter((file) =>
      /= defineCheck\(|^export const \w+: Check</m.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(defined.length).toBe(checks.length);
    expect(defined.length).toBeGreaterThan(5);
  });

  it('lists no code twice', () => {
    const codes = checks.flatMap(({ finds }) => finds.map(({ definition }) => definition.code));
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('requests each aspect once', () => {
    expect(new Set(checkedAspects).size).toBe(checkedAspects.length);
  });
});

describe('a check', () => {
  it('compiles only if it lists every finding that it reports', () => {
    const listed = defineCheck({ looksAt: ['tags'], finds: [TagMissing], find: () => [TagMissing.of('absent')] });
    // @ts-expect-error TAG_MISSING is not in `finds`.
    const unlisted = defineCheck({ looksAt: ['tags'], finds: [TagSplit], find: () => [TagMissing.of('absent')] });
    expect([listed, unlisted].map(({ finds }) => finds)).toEqual([[TagMissing], [TagSplit]]);
  });
});
