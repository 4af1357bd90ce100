import { describe, expect, it } from 'vitest';
import { judgeTraffic } from '../../src/gate/judge-traffic.ts';
import { made } from '../../src/gate/views.ts';
import type { PartCounts, Traffic } from '../../src/model/evidence.ts';
import { evidenceWith, gateSettings, trafficOf, usual } from './gate-fixtures.ts';

const rest = { requests: 100_000, errors: 0 };
const never = { ...usual, errors: 0, most: 0.000_01, rest: 0, dispersion: 2 };
const ofRefusals = (windows: PartCounts['windows']): Traffic => ({
  ...trafficOf(1_000, 0),
  classes: { refusal: [{ normal: never, windows }] },
});
const judged = (traffic: Traffic) =>
  judgeTraffic(made, traffic, gateSettings, evidenceWith({ outbound: traffic })).map(({ label, verdict, value }) => [
    label,
    verdict,
    value,
  ]);

describe('a class of failures', () => {
  it('is told while it is unclear, also when the newest window is still empty', () => {
    const windows = {
      ready: { own: { requests: 1_000, errors: 60 }, rest },
      started: { own: { requests: 0, errors: 0 }, rest },
    };
    expect(judged(ofRefusals(windows))).toEqual([
      ['own calls that were refused', 'inconclusive', '6 % (60 of 1000 requests), usually 0 %'],
    ]);
  });

  it('of which nothing failed in any window is not told', () => {
    const none = { own: { requests: 1_000, errors: 0 }, rest };
    expect(judged(ofRefusals({ ready: none, started: none }))).toEqual([]);
  });
});
