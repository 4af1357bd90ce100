import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { withTables } from '../../../harness/proof/bench/markdown-tables.ts';
import { compatibilityTables } from '../../../harness/proof/compatibility/compatibility-table.ts';
import { chooseRows, matrix, type Row } from '../../../harness/proof/compatibility/matrix.ts';
import { merged, type Result, readRecord, rowId } from '../../../harness/proof/compatibility/record.ts';
import { parseHop } from '../../../harness/proof/lab/hop.ts';
import { labModules } from '../../../harness/proof/lab/modules.ts';
import { whyFailed } from '../../../harness/rehearsal/spawn-rehearsal.ts';
import { kubernetesRange } from '../../../src/model/releases.ts';

const docs = join(import.meta.dirname, '../../../docs');
const results = readRecord(join(docs, 'compatibility.json'));
const [first, second] = matrix as readonly [Row, Row];
const result = (row: Row, more: Partial<Result> = {}): Result => ({
  ...row,
  date: '2026-11-28',
  durationMs: 61_000,
  ...more,
});

describe('docs/compatibility.md', () => {
  it('shows the results of docs/compatibility.json', () => {
    const page = readFileSync(join(docs, 'compatibility.md'), 'utf8');
    expect(withTables(page, compatibilityTables(results))).toBe(page);
  });

  it('has only results of rows in the matrix, in the order of the matrix', () => {
    expect(results.length).toBeGreaterThan(0);
    expect(merged(results, [])).toEqual(results);
  });

  it('shows a passed row, a failed one with its reason, and one that was not run', () => {
    const { kind } = compatibilityTables([
      result(first, { images: 'built' }),
      result(second, { failed: 'OLD_REVISION_IN_USE, not so: upgrade is completed' }),
    ]);
    const lines = kind.split('\n').slice(2, 5);
    expect(lines).toEqual([
      '| 1.30.4 | 1.31.0 | 1.36 | seed | 2026-11-28 | passed | 1:01 | built here |',
      '| 1.30.4 | 1.31.0 | 1.36 | bad-release | 2026-11-28 | **failed**: OLD_REVISION_IN_USE, not so: upgrade is completed | 1:01 |  |',
      '| 1.30.4, no revision | 1.31.0 | 1.36 | seed |  | not run yet |  |  |',
    ]);
  });
});

describe('the record of results', () => {
  it('keeps the rows that were not run again', () => {
    const before = [result(first), result(second)];
    expect(merged(before, [result(second, { date: '2026-12-01' })])).toEqual([
      result(first),
      result(second, { date: '2026-12-01' }),
    ]);
  });

  it('drops a row that the matrix no longer has', () => {
    expect(merged([result({ ...first, hop: '1.20.0..1.21.0' })], [result(first)])).toEqual([result(first)]);
  });
});

describe('the choice of rows', () => {
  it('is every row when nothing is asked', () => {
    expect(chooseRows({})).toEqual(matrix);
  });

  it('is the rows that have everything that is asked', () => {
    expect(chooseRows({ backend: 'lab', hop: '1.30.4..1.31.0', scenario: 'seed' }).map(rowId)).toEqual([
      'lab 1.36 1.30.4..1.31.0 seed',
      'lab 1.32 1.30.4..1.31.0 seed',
    ]);
  });

  it('refuses an unknown release in one sentence that names the known ones', () => {
    expect(() => chooseRows({ hop: '1.27.9..1.29.6' })).toThrow(
      'The matrix has no Istio 1.27.9, only 1.28.10, 1.29.6, 1.30.3, 1.30.4, 1.31.0, 1.31.0-alpha.20260423.',
    );
  });

  it('refuses a hop between known releases that is no row', () => {
    expect(() => chooseRows({ hop: '1.28.10..1.31.0' })).toThrow(
      /^The matrix has no hop 1\.28\.10\.\.1\.31\.0, only 1/,
    );
  });

  it('refuses what fits no row', () => {
    expect(() => chooseRows({ backend: 'lab', kubernetes: '1.34' })).toThrow(
      'The matrix has no row with backend lab, kubernetes 1.34.',
    );
  });
});

describe('the matrix', () => {
  it('has each row once', () => {
    expect(new Set(matrix.map(rowId)).size).toBe(matrix.length);
  });

  it('has on kind only rows that the nightly workflow runs', () => {
    const workflow = parse(readFileSync(join(docs, '../.github/workflows/nightly.yml'), 'utf8')) as {
      jobs: { kind: { strategy: { matrix: { include: readonly Omit<Row, 'backend'>[] } } } };
    };
    const nightly = workflow.jobs.kind.strategy.matrix.include.map((row) => rowId({ ...row, backend: 'kind' }));
    expect(
      chooseRows({ backend: 'kind' })
        .map(rowId)
        .filter((row) => !nightly.includes(row)),
    ).toEqual([]);
  });

  it('has on the lab only what a module is pinned of', () => {
    for (const { hop, kubernetes } of chooseRows({ backend: 'lab' })) {
      const { from, to } = parseHop(hop);
      expect(labModules({ releases: [from.version, to.version], kubernetes })).toHaveLength(5);
    }
  });

  it.for(chooseRows({ backend: 'kind', scenario: 'seed' }))(
    'has $hop on a Kubernetes that both releases support ($kubernetes)',
    ({ hop, kubernetes }) => {
      const { from, to } = parseHop(hop);
      const minor = Number(kubernetes.split('.')[1]);
      for (const { version } of [from, to]) {
        const [oldest, newest] = kubernetesRange(version) ?? [0, 0];
        expect(minor).toBeGreaterThanOrEqual(oldest);
        expect(minor).toBeLessThanOrEqual(newest);
      }
    },
  );
});

describe('why a row failed', () => {
  const problems = [{ code: 'GATE_FAILED' }] as never;
  const report = {
    durationMs: 1,
    reports: [{ outcome: { kind: 'held', problems } as never }],
    expectations: [
      { claim: 'plan ends with exit code 0', holds: true },
      { claim: 'upgrade is completed', holds: false },
    ],
  };

  it('is nothing when it ended with exit code 0', () => {
    expect(whyFailed(0, report, '')).toBeUndefined();
  });

  it('is the code of the problem and the first expectation that does not hold', () => {
    expect(whyFailed(1, report, '')).toBe('GATE_FAILED, not so: upgrade is completed');
  });

  it('is the last line when no report was written', () => {
    expect(whyFailed(2, undefined, 'starting\nThe lab has no Istio 1.29.6, only 1.31.0.\n')).toBe(
      'The lab has no Istio 1.29.6, only 1.31.0.',
    );
  });
});
