import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SnapshotNews } from '../../src/engine/snapshot-news.ts';
import type { RunEvent, TimedEvent } from '../../src/model/events.ts';
import { type Evidence, type JudgedEvidence, noTraffic } from '../../src/model/evidence.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Workload, World } from '../../src/model/world.ts';
import { consoleTeller } from '../../src/report/console-teller.ts';
import { renderEvent } from '../../src/report/render-event.ts';
import { ReportWriter } from '../../src/report/run-report.ts';
import { SampleWriter } from '../../src/report/samples.ts';
import { Thinned } from '../../src/report/thinned.ts';
import { PhaseWriter } from '../../src/report/wave-phases.ts';
import { evidenceWith } from '../gate/gate-fixtures.ts';

const seed = 20261123;

const counted = { requests: 100, errors: 2, worst: [{ pod: 'bar/bar-1', requests: 100, errors: 2 }], classes: {} };

const evidenceOf = (wave: string, mode: Evidence['mode'] = 'bake'): Evidence =>
  evidenceWith({ wave, mode, until: 60_000, serverSide: counted, clientSide: noTraffic, outbound: noTraffic });

const judgedOf = (wave: string, mode?: Evidence['mode']): JudgedEvidence => ({
  verdict: 'hold',
  reason: 'baking',
  at: 0,
  answers: [],
  traffic: [{ gate: 'serverSide', label: 'as its pods counted it', requests: 100, errors: 2 }],
  evidence: evidenceOf(wave, mode),
});

type SnapshotEvent = Extract<TimedEvent, { kind: 'snapshot' }>;
const snapshot = (at: number, judged: readonly JudgedEvidence[], pods?: Record<string, number>): SnapshotEvent => ({
  kind: 'snapshot',
  number: 6,
  at,
  judged,
  ...(pods === undefined ? {} : { pods }),
});

describe('the snapshots of a run', () => {
  const plan = { direction: 'forward' } as Plan;
  const workload = (counts: Record<string, number>) =>
    ({ pods: new Map(Object.entries(counts)) }) as unknown as Workload;
  const emitted = (way: Plan, ...worlds: readonly Partial<World>[]) => {
    const events: RunEvent[] = [];
    const news = new SnapshotNews((event) => events.push(event));
    for (const world of worlds) news.see(6, world, way);
    return events;
  };

  it('emit the sum of mesh pods by revision when it has changed, and only then', () => {
    const before = { workloads: [workload({ '1-30-4': 2 }), workload({ '1-30-4': 1, none: 4 })] };
    const after = { workloads: [workload({ '1-30-4': 2 }), workload({ '1-31-0': 1 })] };
    expect(emitted(plan, before, before, after, {}, after)).toEqual([
      { kind: 'snapshot', number: 6, pods: { '1-30-4': 3 }, judged: [] },
      { kind: 'snapshot', number: 6, pods: { '1-30-4': 2, '1-31-0': 1 }, judged: [] },
    ]);
  });

  it('emit the judgements of the gate only when they are new', () => {
    const judged = [judgedOf('canary')];
    const events = emitted(plan, { judged }, { judged }, { judged: [...judged] });
    expect(events).toMatchObject([{ judged: [{ verdict: 'hold' }] }, { judged: [{ verdict: 'hold' }] }]);
  });

  it('emit no judgements of the gate during a rollback', () => {
    expect(emitted({ ...plan, direction: 'back' }, { judged: [judgedOf('canary')] })).toEqual([]);
  });
});

describe('the samples of a report', () => {
  it('keep the counts without names of pods', () => {
    const writer = new SampleWriter();
    writer.add(snapshot(5, [judgedOf('canary')], { '1-30-4': 3 }));
    const { pods, views, gate } = writer.write();
    expect(views).toEqual([{ gate: 'serverSide', label: 'as its pods counted it' }]);
    expect(pods).toEqual([{ at: 5, pods: { '1-30-4': 3 } }]);
    expect(gate).toMatchObject([
      { at: 5, wave: 'canary', mode: 'bake', counted: { serverSide: { requests: 100, errors: 2 } } },
    ]);
    expect(JSON.stringify(gate)).not.toContain('bar-1');
  });

  const ratio = { label: 'server-side errors', requests: 100, errors: 2, limit: 0.0021, rest: 0.001 };
  const usual = { ratio: 0.001, most: 0.0011 };
  const shown = (red?: 'fail') => ({
    speaker: 'serverSide' as const,
    ratios: [{ ...ratio, usual, ...(red && { red }) }],
  });
  const asked = (query: string, at: number) => ({ query, at });

  it('have none of a wave without pods', () => {
    const writer = new SampleWriter();
    writer.add(snapshot(5, [{ ...judgedOf('canary'), evidence: { ...evidenceOf('canary'), empty: true } }]));
    expect(writer.write().gate).toEqual([]);
  });

  it('keep what each look was judged by, and what is usual once for a wave', () => {
    const writer = new SampleWriter();
    writer.add(snapshot(5, [{ ...judgedOf('canary'), shown: shown() }]));
    writer.add(snapshot(6, [{ ...judgedOf('canary'), shown: shown('fail') }]));
    const { gate, usual: usually } = writer.write();
    const { label, ...numbers } = ratio;
    expect(gate.map(({ judged }) => judged)).toEqual([{ [label]: numbers }, { [label]: { ...numbers, red: 'fail' } }]);
    expect(usually).toEqual({ canary: { [label]: usual } });
  });

  it('keep the queries of the gate that failed the wave, with those about the hours before, which are asked once', () => {
    const writer = new SampleWriter();
    const look = (until: number, verdict: 'hold' | 'fail', past: boolean): JudgedEvidence => ({
      ...judgedOf('canary'),
      verdict,
      shown: shown(),
      evidence: {
        ...evidenceOf('canary'),
        until,
        queries: {
          serverSide: [
            ...(past ? [{ ...asked('history', 10), from: 0, stepMs: 5 }] : []),
            asked(`errors at ${until}`, until),
            asked('x'.repeat(5_000), until),
          ],
          clientSide: [asked('another gate', until)],
        },
      },
    });
    writer.add(snapshot(20, [look(20, 'hold', true)]));
    writer.add(snapshot(30, [look(30, 'fail', false)]));
    writer.add(snapshot(40, [look(40, 'hold', false)]));
    expect(writer.write().queries).toEqual({
      canary: [asked('errors at 30', 30), { ...asked('history', 10), from: 0, stepMs: 5 }],
    });
  });

  it('are at most 500 for the pods in a report with 100000 snapshots', () => {
    const writer = new ReportWriter(() => ({}));
    writer.receive({ kind: 'run-started', at: 0, title: '', direction: 'forward', runId: 'r', resumed: false });
    for (let at = 1; at <= 100_000; at++) writer.receive(snapshot(at, [], { a: at }));
    const { samples, startedAt } = writer.write(undefined, undefined, 100_000);
    expect(startedAt).toBe(0);
    expect(samples?.pods.length).toBeLessThanOrEqual(500);
    expect(samples?.pods.at(-1)).toEqual({ at: 100_000, pods: { a: 100_000 } });
  });

  it(`are bounded, in order, and contain the first and the newest snapshot (seed ${seed})`, () => {
    const bounded = fc.property(
      fc.array(fc.nat(10_000), { minLength: 1, maxLength: 2_000 }),
      fc.integer({ min: 4, max: 50 }),
      (pauses, max) => {
        const points = new Thinned<{ at: number }>(max);
        let at = 0;
        for (const pause of pauses) {
          at += pause;
          points.add({ at });
        }
        const times = points.list.map((point) => point.at);
        expect(times.length).toBeLessThanOrEqual(max);
        expect(times[0]).toBe(pauses[0]);
        expect(times.at(-1)).toBe(at);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      },
    );
    fc.assert(bounded, { seed });
  });

  it('contain every snapshot while there are at most 500', () => {
    const points = new Thinned<{ at: number }>(500);
    for (let at = 1; at <= 500; at++) points.add({ at });
    expect(points.list).toHaveLength(500);
  });
});

describe('the phases of a wave', () => {
  const begin = (kind: 'begin-wave' | 'begin-bake', at: number): TimedEvent => ({
    kind: 'effect-done',
    effect: { kind, wave: 'canary', namespaces: ['bar'] },
    text: `${kind} canary`,
    at,
  });
  const phasesOf = (now: number, ...events: readonly TimedEvent[]) => {
    const writer = new PhaseWriter();
    for (const event of events) writer.add(event);
    return writer.write(now);
  };
  const verdict = (at: number): TimedEvent => ({ kind: 'verdict', wave: 'canary', judged: judgedOf('canary'), at });

  it('are its restart and its bake, up to the verdict', () => {
    expect(
      phasesOf(900, begin('begin-wave', 10), begin('begin-bake', 30), snapshot(40, [judgedOf('canary')]), verdict(90)),
    ).toEqual([
      { wave: 'canary', phase: 'restart', startedAt: 10, durationMs: 20 },
      { wave: 'canary', phase: 'bake', startedAt: 30, durationMs: 60, verdict: 'hold' },
    ]);
  });

  it('of a bake that an earlier run began count from the first snapshot', () => {
    expect(phasesOf(900, snapshot(40, [judgedOf('canary')]))).toEqual([
      { wave: 'canary', phase: 'bake', startedAt: 40, durationMs: 860 },
    ]);
  });

  it('do not begin again after the verdict, nor for a wave that is only watched', () => {
    const events = [
      begin('begin-bake', 30),
      verdict(90),
      snapshot(95, [judgedOf('canary'), judgedOf('first', 'watch')]),
    ];
    expect(phasesOf(900, ...events)).toHaveLength(1);
  });

  it('end when the run begins to roll back', () => {
    const back: TimedEvent = { kind: 'run-started', title: '', direction: 'back', runId: 'r', resumed: false, at: 50 };
    expect(phasesOf(900, begin('begin-wave', 10), back)).toMatchObject([{ durationMs: 40 }]);
  });
});

describe('the log line of a verdict', () => {
  it.for([
    { verdict: 'fail', says: 'wave canary: fail (only observed: gate.mode is observe, so the upgrade goes on)' },
    { verdict: 'inconclusive', says: 'inconclusive (only observed: gate.mode is observe, so the upgrade goes on)' },
    { verdict: 'pass', says: 'wave canary: pass (only observed)' },
  ] as const)('says of a $verdict that it was only observed', ({ verdict, says }) => {
    const judged = { ...judgedOf('canary'), verdict };
    const textOf = (told: JudgedEvidence) =>
      renderEvent({ kind: 'verdict', wave: 'canary', judged: told, at: 0 }, 0).join('\n');
    expect(textOf({ ...judged, observed: true })).toContain(says);
    expect(textOf(judged)).not.toContain('observed');
  });
});

describe('the line in a terminal that shows a wait', () => {
  it('stays when a snapshot is emitted', () => {
    let written = '';
    const screen = consoleTeller({ write: (text) => (written += text), isTTY: true, columns: 80 });
    screen.receive({
      kind: 'waiting',
      number: 5,
      shortfalls: [{ what: 'pods', is: '1', wants: '2' }],
      sinceMs: 0,
      at: 0,
    });
    const before = written;
    screen.receive(snapshot(1, [judgedOf('canary')], { a: 1 }));
    expect(written).toBe(before);
  });
});
