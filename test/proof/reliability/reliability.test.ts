import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { withTables } from '../../../harness/proof/bench/markdown-tables.ts';
import { noRequests, type SeenRequests } from '../../../harness/proof/kind/requests.ts';
import { addToRecord, readRecord } from '../../../harness/proof/reliability/record.ts';
import { repeat } from '../../../harness/proof/reliability/repeat.ts';
import { type Ended, type RunLine, runLine } from '../../../harness/proof/reliability/run-line.ts';
import { reliabilityTables } from '../../../harness/proof/reliability/tables.ts';
import type { RehearsalReport, SpawnOptions } from '../../../harness/rehearsal/spawn-rehearsal.ts';

const docs = join(import.meta.dirname, '../../../docs');
const folder = mkdtempSync(join(tmpdir(), 'reliability-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Run = RehearsalReport['reports'][number];
const run = (kind: string, failToTagBackMs: number | null = null): Run =>
  ({ outcome: { kind, problems: [] }, cost: { failToTagBackMs } }) as unknown as Run;

const requests: readonly SeenRequests[] = noRequests().map((each) => ({
  ...each,
  sent: 100,
  failed: { 'not connected: timeout': 2, 'HTTP 503': 1 },
}));
const report: RehearsalReport = { durationMs: 1, pods: 20, expectations: [], reports: [run('completed')], requests };
const ended: Ended = {
  scenario: 'seed',
  startedAt: Date.UTC(2026, 10, 28, 13),
  endedAt: Date.UTC(2026, 10, 28, 13, 5),
  load: 2.34,
  failed: undefined,
  report,
};
const line: RunLine = {
  scenario: 'seed',
  at: '2026-11-28T13:00:00.000Z',
  durationMs: 300_000,
  outcome: 'completed',
  pods: 20,
  requests: { sent: 600, failed: 18, neverConnected: 12 },
  load: 2.3,
};

describe('docs/reliability.md', () => {
  it('shows the runs of docs/reliability.jsonl', () => {
    const page = readFileSync(join(docs, 'reliability.md'), 'utf8');
    const runs = readRecord(join(docs, 'reliability.jsonl'));
    expect(runs.length).toBeGreaterThan(0);
    expect(withTables(page, reliabilityTables(runs))).toBe(page);
  });
});

describe('the line of a run', () => {
  it('counts the requests to what waits before it stops, and those that were never connected', () => {
    expect(runLine(ended)).toEqual(line);
  });

  it('has the first time to the tag, and the outcome of the last run', () => {
    const reports = [run('rolled-back', 875), run('completed')];
    expect(runLine({ ...ended, report: { ...report, reports } })).toMatchObject({
      outcome: 'completed',
      tagBackMs: 875,
    });
  });

  it('says why it failed, and has no numbers, when there is no report', () => {
    const without = runLine({ ...ended, failed: 'no cluster was created', report: undefined });
    expect(Object.keys(without)).toEqual(['scenario', 'at', 'durationMs', 'failed', 'load']);
    expect(without.failed).toBe('no cluster was created');
  });
});

describe('the tables of the runs', () => {
  const failed: RunLine = { ...line, failed: 'GATE_FAILED', outcome: 'rolled-back', tagBackMs: 900 };
  const unreported = runLine({ ...ended, scenario: 'slow', failed: 'a | b', report: undefined });
  const { totals, runs } = reliabilityTables([line, unreported, failed]);

  it('sum up a scenario in one line', () => {
    expect(totals.split('\n').slice(2)).toEqual([
      '| seed | 2 | 1 | 1,200 | 36 | 24 | 900 ms |',
      '| slow | 1 | 0 | 0 | 0 | 0 |  |',
    ]);
  });

  it('have a line for each run, those of a scenario together', () => {
    expect(runs.split('\n').slice(2)).toEqual([
      '| seed | 2026-11-28 13:00 | 5:00 | 20 | completed | yes | 600 | 18 | 12 |  | 2.3 |',
      '| seed | 2026-11-28 13:00 | 5:00 | 20 | rolled-back | **no**: GATE_FAILED | 600 | 18 | 12 | 900 ms | 2.3 |',
      '| slow | 2026-11-28 13:00 | 5:00 |  | no report | **no**: a \\| b |  |  |  |  | 2.3 |',
    ]);
  });
});

describe('the record of the runs', () => {
  it('is empty without a file, and is read as it was written', () => {
    const file = join(folder, 'record.jsonl');
    expect(readRecord(file)).toEqual([]);
    for (const each of [line, line]) addToRecord(file, each);
    expect(readRecord(file)).toEqual([line, line]);
  });
});

describe('the repetition of a scenario', () => {
  const script = (results: readonly Pick<Ended, 'failed' | 'report'>[]) => {
    const asked: SpawnOptions[] = [];
    const rehearse = async (options: SpawnOptions) => {
      asked.push(options);
      return results[asked.length - 1] ?? expect.fail(`run ${asked.length} was not scripted`);
    };
    return { asked, rehearse };
  };
  const options = { tell: () => undefined, signal: new AbortController().signal, folder, now: () => 0, load: () => 1 };

  it('goes on after a run that failed, with a folder for the logs of each', async () => {
    const { asked, rehearse } = script([{ failed: 'no cluster was created', report: undefined }, ended]);
    const lines: RunLine[] = [];
    for await (const each of repeat('folder/seed.yaml', { ...options, times: 2, rehearse })) lines.push(each);
    expect(lines.map(({ scenario, failed }) => [scenario, failed])).toEqual([
      ['seed', 'no cluster was created'],
      ['seed', undefined],
    ]);
    expect(asked.map(({ backend, scenario }) => [backend, scenario])).toEqual([
      ['kind', 'folder/seed.yaml'],
      ['kind', 'folder/seed.yaml'],
    ]);
    expect(new Set(asked.map(({ reportFolder }) => reportFolder)).size).toBe(2);
  });

  it('ends with an interruption', async () => {
    const rehearse = () => Promise.reject(new Error('Interrupted'));
    const runs = repeat('seed', { ...options, times: 2, rehearse });
    await expect(runs.next()).rejects.toThrow('Interrupted');
  });
});
