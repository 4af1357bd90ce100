import { describe, expect, it } from 'vitest';
import { judgeGate } from '../../src/gate/judge.ts';
import { keptVerdict } from '../../src/gate/kept-verdict.ts';
import { type Changes, evidenceWith, gateSettings, trafficOf } from './gate-fixtures.ts';

const baked = { readyAt: 0, since: 0, until: 630_000 };
const shownOf = (changes: Changes) => judgeGate(evidenceWith({ ...baked, ...changes }), gateSettings, 630_000).shown;
const usually = { ratio: 0.001, most: 0.001_044 };

describe('what charts show of a judgement', () => {
  it('is the errors of the view that decides, with what is usual, the limit and the rest of the mesh', () => {
    expect(shownOf({ clientSide: trafficOf(10_000, 0), outbound: trafficOf(10_000, 0) })).toEqual({
      speaker: 'serverSide',
      ratios: [
        { label: 'server-side errors', requests: 10_000, errors: 10, limit: 0.002_066, rest: 0.001, usual: usually },
      ],
    });
  });

  it('is also each class of which something failed, and which of them fails the wave', () => {
    const shown = shownOf({ clientSide: trafficOf(10_000, 200, { failure: 'lost' }), outbound: trafficOf(10_000, 0) });
    expect(shown?.speaker).toBe('clientSide');
    expect(shown?.ratios.map(({ label, errors, red }) => ({ label, errors, red }))).toEqual([
      { label: 'server-side errors', errors: 10, red: undefined },
      { label: 'requests that did not reach a server', errors: 200, red: 'fail' },
    ]);
  });

  it('is the workload that is farthest above its limit', () => {
    const workloads = { 'bar/a': { requests: 1_000, errors: 60 }, 'bar/b': { requests: 1_000, errors: 300 } };
    const shown = shownOf({ workloads: 3, serverSide: trafficOf(100_000, 100, { workloads }) });
    expect(shown?.ratios[0]).toMatchObject({
      errors: 100,
      worst: { part: 'bar/b', requests: 1_000, errors: 300, red: 'fail' },
    });
    expect(shown?.ratios[0]?.red).toBeUndefined();
  });

  it('is unclear where no rest of the mesh tells the release from the surroundings', () => {
    const rest = { requests: 0, errors: 0 };
    const [ratio] = shownOf({ serverSide: trafficOf(10_000, 200, { rest }) })?.ratios ?? [];
    expect(ratio).toMatchObject({ red: 'unclear' });
    expect(ratio?.rest).toBeUndefined();
  });

  it('has no usual ratio without history, and the floor of a young wave as its limit', () => {
    const own = { requests: 200, errors: 2 };
    const traffic = {
      ...own,
      worst: [],
      classes: {
        error: [
          {
            normal: { requests: 0, errors: 0, dispersion: 2, followsRest: false },
            windows: { ready: { own, rest: { requests: 1_000, errors: 1 } } },
          },
        ],
      },
    };
    const [ratio] = shownOf({ until: 20_000, serverSide: traffic })?.ratios ?? [];
    expect(ratio).toMatchObject({ ...own, limit: 0.05 });
    expect(ratio?.usual).toBeUndefined();
  });

  it('stays out of the journal, as do the queries', () => {
    const evidence = evidenceWith({ ...baked, queries: { serverSide: [{ query: 'up', at: 1 }] } });
    const kept = keptVerdict(judgeGate(evidence, gateSettings, 630_000));
    expect(kept.verdict).toBe('pass');
    expect(kept).not.toHaveProperty('shown');
    expect(kept.evidence).not.toHaveProperty('queries');
  });
});
