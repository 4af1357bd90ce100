import { describe, expect, it } from 'vitest';
import type { TimedEvent } from '../../src/model/events.ts';
import { quietWaits } from '../../src/report/quiet-waits.ts';
import { runLines } from '../../src/report/run-lines.ts';

const restart = (name: string): TimedEvent => ({
  kind: 'effect-started',
  effect: {
    kind: 'restart-workload',
    workload: { kind: 'Deployment', namespace: 'shop', name },
    by: { runId: 'r', direction: 'forward', template: 'h' },
  },
  text: `restart Deployment shop/${name}`,
  isNote: false,
  at: 0,
});

const counted = (done: number, workloads: number, wave = 'rest'): TimedEvent => ({
  kind: 'snapshot',
  number: 7,
  judged: [],
  restarts: { wave, done, workloads },
  at: 0,
});

const names = (count: number) => Array.from({ length: count }, (_, index) => restart(`app-${index}`));
const printed = (events: readonly TimedEvent[], verbose = false): readonly string[] => {
  const lines = runLines(verbose);
  return events.flatMap((event) => lines(event, 0)).map((line) => line.trim().replace('0:00  ', ''));
};

describe('the lines of a run', () => {
  it('name each restart of a wave of few workloads', () => {
    expect(printed([counted(0, 2), ...names(2), counted(1, 2), counted(2, 2)])).toEqual([
      '→ restart Deployment shop/app-0',
      '→ restart Deployment shop/app-1',
    ]);
  });

  it('count the restarts of a wave of many: one line at its begin, and one for each tenth', () => {
    const steps = Array.from({ length: 500 }, (_, index) => counted(index + 1, 500));
    const lines = printed([counted(0, 500), ...names(500), ...steps]);
    expect(lines[0]).toBe('→ wave rest: restart 500 workloads');
    expect(lines.slice(1)).toEqual(
      Array.from({ length: 10 }, (_, tenth) => `… wave rest: ${50 * (tenth + 1)} of 500 workloads restarted`),
    );
  });

  it('begin anew with each wave', () => {
    expect(printed([counted(0, 9, 'a'), ...names(9), counted(9, 9, 'a'), counted(0, 8, 'b'), ...names(8)])).toEqual([
      '→ wave a: restart 9 workloads',
      '… wave a: 9 of 9 workloads restarted',
      '→ wave b: restart 8 workloads',
    ]);
  });

  it('count a rollback without the name of a wave', () => {
    const start: TimedEvent = { kind: 'run-started', title: 'T', direction: 'back', runId: 'r', resumed: false, at: 0 };
    expect(printed([counted(4, 9, 'a'), start, counted(0, 40, ''), ...names(40)]).slice(1)).toEqual([
      '→ restart 40 workloads',
    ]);
  });

  it('name every restart if they are asked to be verbose', () => {
    expect(printed([counted(0, 20), ...names(20), counted(20, 20)], true)).toHaveLength(20);
  });

  it('name every restart when nothing was counted', () => {
    expect(printed(names(5))).toHaveLength(5);
  });
});

describe('the waits that a log keeps', () => {
  const shownOf = (forMs: number, what = 'wave rest') => {
    const isWorthALine = quietWaits();
    const looks = Array.from({ length: forMs / 2_000 }, (_, index) => 2_000 * index);
    return looks.filter((at) =>
      isWorthALine({ kind: 'waiting', number: 7, shortfalls: [{ what, is: `baking ${at}` }], sinceMs: 0, at }),
    );
  };

  it.for([
    { span: 'a minute', forMs: 60_000, most: 6 },
    { span: 'ten minutes', forMs: 600_000, most: 20 },
    { span: 'two hours', forMs: 7_200_000, most: 34 },
  ])('are few in $span', ({ forMs, most }) => {
    const shown = shownOf(forMs);
    expect(shown[0]).toBe(0);
    expect(shown.length).toBeLessThanOrEqual(most);
    expect(shown.length).toBeGreaterThan(most / 2);
  });

  it('begin anew when the restarts of a stage end and a bake begins, and with each wave', () => {
    const isWorthALine = quietWaits();
    const whats = ['Deployment a/a', 'Deployment a/b', 'wave one', 'wave one', 'wave two'];
    const shown = whats.map((what, at) =>
      isWorthALine({ kind: 'waiting', number: 7, shortfalls: [{ what, is: 'x' }], sinceMs: 0, at }),
    );
    expect(shown).toEqual([true, false, true, false, true]);
  });
});
