import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalOf } from '../../../src/gate/root/normal.ts';
import { plausibleRatio, ratioSeen, requestsToPass, requestsToSee } from '../../../src/gate/root/root-test.ts';
import { powerOf } from '../../../src/gate/sight/power.ts';
import { gateSettings, usual } from '../gate-fixtures.ts';

const seed = 20261128;
const ratios = fc.double({ min: 0.0005, max: 0.5, noNaN: true });
const dispersions = fc.double({ min: 1, max: 20, noNaN: true });

describe(`the formulas of the power report (seed ${seed})`, () => {
  it('agree on which ratio is seen after the requests that it takes to see it', () => {
    fc.assert(
      fc.property(ratios, ratios, dispersions, (limit, more, dispersion) => {
        const ratio = limit + more;
        const requests = requestsToSee(ratio, limit, 24, dispersion);
        expect(ratioSeen(requests, limit, 24, dispersion)).toBeCloseTo(ratio, 6);
      }),
      { seed },
    );
  });

  it('say of how many requests that fail as usual a pass follows, and of how many it does not', () => {
    fc.assert(
      fc.property(ratios, ratios, dispersions, (failing, more, dispersion) => {
        const allowed = failing + more;
        const needed = requestsToPass(failing, allowed, dispersion);
        const plausible = (requests: number) => plausibleRatio({ requests, errors: requests * failing }, dispersion);
        expect(plausible(needed * 1.001)).toBeLessThanOrEqual(allowed);
        expect(plausible(needed * 0.999)).toBeGreaterThan(allowed);
      }),
      { seed },
    );
  });
});

describe('the power of a wave', () => {
  const of = (rate: number, normal = usual) => powerOf({ rate, normal, workloads: 1 }, gateSettings);

  it('sees smaller rises in a longer bake, and all the more with more traffic', () => {
    const [little, much] = [of(1), of(100)];
    expect(little.seenAtMost).toBeLessThan(little.seenInBake);
    expect(much.seenInBake).toBeLessThan(little.seenInBake);
    expect(much.rise).toBeCloseTo(0.01);
    expect(much.noticeMs).toBeLessThan(gateSettings.bakeMs);
    expect(much.passMs).toBe(gateSettings.bakeMs);
  });

  it('is nothing without requests', () => {
    expect(of(0)).toMatchObject({ seenInBake: Infinity, noticeMs: Infinity, passMs: Infinity });
  });

  it('must see 5 points where nothing fails, or where that is not known', () => {
    expect(of(1, { ...usual, errors: 0 }).rise).toBe(0.05);
    expect(of(1, normalOf([])).rise).toBe(0.05);
  });

  it('takes the requests of a pass at the rate of the wave', () => {
    expect(of(0.1).passMs).toBeGreaterThan((gateSettings.minRequests / 0.1) * 1000);
  });
});
