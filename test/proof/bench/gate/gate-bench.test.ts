import { describe, expect, it } from 'vitest';
import { atMost } from '../../../../harness/proof/bench/gate/binomial.ts';
import type { Cell } from '../../../../harness/proof/bench/gate/cell.ts';
import { CellUnknown, cells, chooseCells } from '../../../../harness/proof/bench/gate/cells.ts';
import { runJob } from '../../../../harness/proof/bench/gate/job.ts';
import type { JudgeOptions } from '../../../../harness/proof/bench/gate/judge-run.ts';
import { merged, summarize } from '../../../../harness/proof/bench/gate/results.ts';
import { type Run, runOnce } from '../../../../harness/proof/bench/gate/run-cell.ts';
import { gateTables, goalsOf } from '../../../../harness/proof/bench/gate/tables.ts';
import { judgePart } from '../../../../src/gate/root/judge-part.ts';

const seed = 16;
function cellNamed(name: string): Cell {
  const [cell] = chooseCells([name]);
  if (cell === undefined) throw new Error(name);
  return cell;
}
const runsOf = (name: string, count: number, options?: Omit<JudgeOptions, 'watchedMs'>): readonly Run[] =>
  Array.from({ length: count }, (_, number) => runOnce(cellNamed(name), seed, number, options));
const stopped = (runs: readonly Run[]) => runs.filter(({ ours }) => ours.verdict === 'fail').length;

const bursts = 'bursts of 5, base 0.5 %, 100 rps';
const incident = 'incident of others: whole mesh +5 points for 3 min, 100 rps';

describe(`the bench of the gate (seed ${seed})`, () => {
  it.for([bursts, incident, 'base 1 %, 10 rps', 'warm-up: +1 point in the first 60 s, 100 rps'])(
    'finds no rollback in healthy traffic: %s',
    (name) => {
      const runs = runsOf(name, 20);
      expect(stopped(runs)).toBe(0);
      expect(runs.filter(({ ours }) => ours.verdict === 'pass').length).toBeGreaterThan(15);
    },
  );

  it.for([
    { name: 'total outage, 100 rps', withinMs: 30_000 },
    { name: '+5 points, 100 rps', withinMs: 120_000 },
    { name: 'refusals (403): every request, 100 rps', withinMs: 30_000 },
    { name: 'one workload of 20: +20 points, 100 rps', withinMs: 120_000 },
    { name: 'slow requests 1 to 10 %, 100 rps', withinMs: 180_000 },
    { name: 'after the pass, 15 min: +20 points, 100 rps', withinMs: 60_000 },
  ])('finds each run rolled back within $withinMs ms: $name', ({ name, withinMs }) => {
    for (const { ours } of runsOf(name, 8)) {
      expect(ours.verdict).toBe('fail');
      expect(ours.delayMs).toBeLessThan(withinMs);
    }
  });

  it('never passes a wave without traffic', () => {
    expect(runsOf('no traffic', 5).map(({ ours }) => ours.verdict)).toEqual(Array(5).fill('hold'));
  });

  it('notices a judge that takes failures for independent', () => {
    const independent: JudgeOptions = {
      judge: (part, rules) => judgePart({ ...part, normal: { ...part.normal, dispersion: 1 } }, rules),
      screened: false,
    };
    expect(stopped(runsOf(bursts, 20, independent))).toBeGreaterThan(2);
  });

  it('notices a judge that does not ask the rest of the mesh', () => {
    const alone: JudgeOptions = {
      judge: (part, rules) => {
        const usual = { requests: 1_000_000, errors: 1_000_000 * (part.normal.rest ?? 0) };
        const windows = Object.fromEntries(
          Object.entries(part.windows).map(([window, { own }]) => [window, { own, rest: usual }]),
        );
        return judgePart({ ...part, windows }, rules);
      },
      screened: false,
    };
    expect(stopped(runsOf(incident, 10, alone))).toBe(10);
  });

  it.for([bursts, 'wave wanders by itself, hostile, base 1 %, 10 rps', '+0.5 points, 10 rps'])(
    'finds the same with and without leaving out what cannot fail: %s',
    (name) => {
      const verdicts = (runs: readonly Run[]) => runs.map(({ ours }) => [ours.verdict, ours.delayMs, ours.passedAt]);
      expect(verdicts(runsOf(name, 4))).toEqual(verdicts(runsOf(name, 4, { screened: false })));
    },
  );

  it('judges each of several waves, and watches those before', () => {
    const ten = cellNamed('ten waves one after the other, base 0.5 %, 100 rps each');
    const late = { ...ten, faults: [{ is: 'error', points: 0.2, from: 60 * 60_000, to: 90 * 60_000 } as const] };
    expect(runOnce(late, seed, 0).ours.verdict).toBe('fail');
  });

  it('counts what leaked in the view of the clients, until the rollback', () => {
    for (const { ours, peers } of runsOf('total outage, 100 rps', 3)) {
      expect(ours.leaked / ((ours.delayMs ?? 0) / 1000)).toBeGreaterThan(80);
      expect(ours.leaked / ((ours.delayMs ?? 0) / 1000)).toBeLessThan(120);
      expect(peers['Flagger, threshold 5'].leaked).toBeGreaterThan(10 * ours.leaked);
    }
  });

  it('gives the same runs in whatever pieces they are taken', () => {
    const job = { cell: bursts, seed, from: 0, to: 4 };
    const pieces = [runJob({ ...job, to: 2 }), runJob({ ...job, from: 2 })];
    expect(pieces.flatMap(({ runs }) => runs)).toEqual(runJob(job).runs);
  });
});

describe('the cells', () => {
  it('have each a name of their own', () => {
    expect(new Set(cells.map(({ name }) => name)).size).toBe(cells.length);
  });

  it('are chosen by kind, group and name', () => {
    expect(chooseCells(['all'])).toEqual(cells);
    expect(chooseCells(['healthy', 'bad'])).toEqual(cells);
    expect(chooseCells(['bad/late']).every(({ group }) => group === 'late')).toBe(true);
    expect(() => chooseCells(['no such cell'])).toThrow(CellUnknown);
  });

  it('spread the traffic of each wave over its workloads', () => {
    for (const { shares } of cells) expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
  });
});

describe('the tables', () => {
  const healthy = cellNamed('base 1 %, 10 rps');
  const bad = cellNamed('+5 points, 100 rps');
  const run = (verdict: Run['ours']['verdict'], delayMs?: number): Run => ({
    ...runOnce(cellNamed('no traffic'), seed, 0),
    ours: { verdict, delayMs, leaked: 10 },
  });
  const of = (cell: Cell, fails: number, others: number) => {
    const foretold = cell.kind === 'bad' ? { requestsNeeded: 100 } : {};
    const [failed, passed] = [run('fail', 60_000), run('pass')].map((each) => ({ ...each, ...foretold }));
    return summarize(cell, [...Array(fails).fill(failed), ...Array(others).fill(passed)], seed);
  };

  it('say which cells miss a goal', () => {
    const missedBy = (results: Parameters<typeof goalsOf>[0]) => goalsOf(results).flatMap(({ missed }) => missed);
    expect(missedBy([of(healthy, 2, 198), of(bad, 198, 2)])).toEqual([]);
    expect(missedBy([of(healthy, 3, 197), of(bad, 197, 3)])).toEqual([healthy.name, bad.name]);
  });

  it('show rollbacks with their upper bound, delays and leaks', () => {
    const tables = gateTables([of(healthy, 2, 198), of(bad, 200, 0)]);
    expect(tables['healthy']).toContain('| base 1 %, 10 rps | 200 | **1.0 %** | 3.1 % | 99 % | 0 % |');
    expect(tables['bad']).toContain('| +5 points, 100 rps | 200 | **100 %** | 1:00 | 10 | 0 % |');
  });

  it('keep the results of cells that were not measured again', () => {
    const before = [of(healthy, 0, 100), of(bad, 100, 0)];
    expect(merged(before, [of(bad, 0, 100)])).toEqual([of(healthy, 0, 100), of(bad, 0, 100)]);
  });

  it.for([
    { seen: 0, of: 1000, bound: 0.003 },
    { seen: 10, of: 1000, bound: 0.0169 },
    { seen: 5, of: 5, bound: 1 },
  ])('bound $seen of $of by $bound', ({ seen, of: all, bound }) => {
    expect(atMost(seen, all)).toBeCloseTo(bound, 4);
  });
});
