import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgePart } from '../../../src/gate/root/judge-part.ts';
import { limitOf } from '../../../src/gate/root/limit.ts';
import { likelyDispersion, normalOf } from '../../../src/gate/root/normal.ts';
import { distanceNeeded, exceeds, requestsToSee } from '../../../src/gate/root/root-test.ts';
import type { PartCounts } from '../../../src/model/evidence.ts';

const nothing = { requests: 0, errors: 0 };
const steady = (own: { requests: number; errors: number }, rest = nothing) =>
  normalOf(Array.from({ length: 24 }, () => ({ own, rest })));

/** 100 requests/s with 0.1 % errors over six hours, beside a mesh nine times as large. */
const busy = steady({ requests: 90_000, errors: 90 }, { requests: 810_000, errors: 810 });
const rest = { requests: 100_000, errors: 100 };
const rules = { errorRatio: 0.01, minRequests: 300, kinds: 3, workloads: 1 };

describe('the numbers that the specification works out', () => {
  test('0.1 % of 2.16 million requests may be 0.1044 % usually, and 0.207 % now', () => {
    expect(busy.most).toBeCloseTo(0.001_044, 6);
    expect(limitOf(busy, rest, 0.01)).toBeCloseTo(0.002_07, 5);
  });

  test.each([
    ['0.5 points more', 0.006, 0.002_07, 4_600],
    ['1 point more', 0.011, 0.002_07, 1_330],
    ['5 points more, against the limit of 1 %', 0.051, 0.01, 296],
    ['a total outage, against the limit of 5 %', 1, 0.05, 8],
  ])('%s is seen after about this many requests', (_, ratio, limit, needed) => {
    expect(Math.abs(requestsToSee(ratio, limit, 12, 1) / needed - 1)).toBeLessThan(0.03);
  });

  test('12 chances need a distance of 4.33, 1,000 workloads one of 5.8', () => {
    expect(distanceNeeded(12, 1)).toBeCloseTo(4.33, 2);
    expect(distanceNeeded(12 * 2 * 1000, 1)).toBeCloseTo(5.83, 1);
  });
});

describe('what is normal', () => {
  test('failures that come in bursts are dispersed, and need more of them for a fail', () => {
    const bursts = normalOf(
      Array.from({ length: 24 }, (_, index) => ({
        own: { requests: 1_000, errors: index % 6 === 0 ? 30 : 0 },
        rest: nothing,
      })),
    );
    expect(bursts.dispersion).toBeGreaterThan(15);
  });

  test('a class that failed rarely is taken to come in bursts if the failures of all classes do', () => {
    const blocks = (every: number, burst: number) =>
      Array.from({ length: 24 }, (_, index) => ({
        own: { requests: 10_000, errors: index % every === 0 ? burst : 0 },
        rest: nothing,
      }));
    const [often, rarely] = [blocks(2, 40), blocks(24, 2)];
    expect(normalOf(rarely).dispersion).toBeLessThan(2.5);
    expect(normalOf(rarely, likelyDispersion([often, rarely])).dispersion).toBeGreaterThan(20);
    const single = Array.from({ length: 24 }, () => ({ own: { requests: 10_000, errors: 10 }, rest: nothing }));
    expect(likelyDispersion([single, rarely])).toBe(2);
  });

  test('a part whose failures rise with those of the mesh follows it, and its limit rises with it', () => {
    const follows = normalOf(
      Array.from({ length: 24 }, (_, index) => {
        const times = index % 2 === 0 ? 4 : 1;
        return { own: { requests: 10_000, errors: 20 * times }, rest: { requests: 100_000, errors: 200 * times } };
      }),
    );
    expect(follows.followsRest).toBe(true);
    const calm = limitOf(follows, { requests: 10_000, errors: 50 }, 0.01);
    expect(limitOf(follows, { requests: 10_000, errors: 500 }, 0.01)).toBeGreaterThan(2 * calm);
  });

  test('what a small rest suffers more than usual is allowed of a part that follows it, by points and not only by times', () => {
    const follows = normalOf(
      Array.from({ length: 24 }, (_, index) => ({
        own: { requests: 100_000, errors: index % 2 === 0 ? 20 : 180 },
        rest: { requests: 900_000, errors: index % 2 === 0 ? 180 : 1_620 },
      })),
    );
    expect(follows.followsRest).toBe(true);
    // Two pods of the rest have been scraped since an incident of five points began.
    const limit = limitOf(follows, { requests: 1_500, errors: 76 }, 0.01);
    expect(exceeds({ requests: 1_500, errors: 76 }, limit, 12, follows.dispersion)).toBe(false);
    expect(limit).toBeGreaterThan(0.04);
  });

  test('what the rest suffers more than usual is allowed of a part that does not follow it too', () => {
    expect(limitOf(busy, { requests: 100_000, errors: 5_000 }, 0.01)).toBeGreaterThan(0.05);
  });

  test('one failure among few requests of the rest is no incident', () => {
    expect(limitOf(busy, { requests: 10, errors: 1 }, 0.01)).toBeCloseTo(limitOf(busy, rest, 0.01), 6);
  });

  test('without history errorRatio is taken as usual', () => {
    expect(limitOf(normalOf([]), nothing, 0.01)).toBeCloseTo(0.0155, 6);
  });

  test('more failures in the same history never make the limit lower', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.nat(1_000), fc.nat(1_000), (requests, errors, more) => {
        const of = (failed: number) => limitOf(steady({ requests, errors: Math.min(failed, requests) }), nothing, 0.01);
        expect(of(errors + more)).toBeGreaterThanOrEqual(of(errors) - 1e-12);
      }),
      { seed: 16, numRuns: 300 },
    );
  });
});

describe('the verdict on a part', () => {
  const judge = (own: { requests: number; errors: number }, beside = rest) =>
    judgePart({ normal: busy, windows: { settled: { own, rest: beside } } }, rules);

  test('usual failures pass', () => {
    expect(judge({ requests: 60_000, errors: 60 })).toMatchObject({ verdict: 'pass', window: 'settled' });
  });

  test('more failures than the limit allows do not pass, though they are too few for a fail', () => {
    expect(judge({ requests: 2_000, errors: 4 })).toMatchObject({ verdict: 'pass' });
    expect(judge({ requests: 2_000, errors: 6 })).toMatchObject({ verdict: 'inconclusive' });
  });

  test('ten times as many fail', () => {
    expect(judge({ requests: 60_000, errors: 600 })).toMatchObject({ verdict: 'fail', window: 'settled' });
  });

  test('too few requests prove nothing', () => {
    expect(judge({ requests: 299, errors: 0 }).verdict).toBe('inconclusive');
  });

  test('without a rest of the mesh more failures than usual only keep it from passing', () => {
    expect(judge({ requests: 60_000, errors: 600 }, nothing)).toMatchObject({
      verdict: 'inconclusive',
      aloneAbove: true,
    });
  });

  test('without a rest of the mesh a disaster is still a fail', () => {
    expect(judge({ requests: 60_000, errors: 6_000 }, nothing).verdict).toBe('fail');
  });

  test('a wave whose window is empty does not pass', () => {
    expect(judgePart({ normal: busy, windows: {} }, rules).verdict).toBe('inconclusive');
  });

  test('a workload can only fail', () => {
    const part = { part: 'shop/cart', normal: busy };
    expect(judgePart({ ...part, windows: {} }, rules).verdict).toBe('pass');
    expect(
      judgePart({ ...part, windows: { settled: { own: { requests: 1_000, errors: 100 }, rest } } }, rules).verdict,
    ).toBe('fail');
  });

  test('the requests that the formula asks for are enough', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1, noNaN: true }), (ratio) => {
        const limit = limitOf(busy, rest, 0.01);
        const requests = Math.ceil(requestsToSee(ratio, limit, 24, busy.dispersion)) + 1;
        expect(exceeds({ requests, errors: ratio * requests }, limit, 24, busy.dispersion)).toBe(true);
      }),
      { seed: 16, numRuns: 300 },
    );
  });
});

describe('a kind of traffic that may be absent', () => {
  const optional = { ...rules, minRequests: 0 };
  const young = steady({ requests: 50, errors: 0 });
  const judge = (windows: PartCounts['windows']) => judgePart({ normal: young, windows }, optional).verdict;
  const counts = (errors: number, requests: number) => ({ own: { requests, errors }, rest });

  test.each([
    ['there is none', {}, 'pass'],
    ['one of three requests fails', { ready: counts(1, 3) }, 'pass'],
    ['fifteen of a hundred requests fail', { ready: counts(15, 100) }, 'inconclusive'],
    [
      'few have come since it settled, and many before were too many',
      { ready: counts(60, 1_600), started: counts(1, 90) },
      'inconclusive',
    ],
    [
      'few have come since it settled, and many before were as usual',
      { ready: counts(0, 1_600), started: counts(0, 90) },
      'pass',
    ],
  ] as const)('if %s', (_, windows, verdict) => {
    expect(judge(windows)).toBe(verdict);
  });
});
