import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeGate } from '../../src/gate/judge.ts';
import { type Changes, evidenceWith, gateSettings } from './gate-fixtures.ts';

const baked = { readyAt: 0, since: 0, until: 600_000 };
const halfBaked = { readyAt: 0, since: 0, until: 300_000 };
const overdue = { readyAt: 0, since: 0, until: 1_800_000 };
const traffic = (requests: number, errors: number) => ({ requests, errors, worst: [], namespaces: [] });
const one = (requests: number, errors: number, before = { requests: 0, errors: 0 }) => ({
  ...traffic(100_000, errors),
  namespaces: [{ namespace: 'foo', requests, errors, before }],
});
const check = (values: number[], bounds: { max?: number; min?: number; empty?: 'hold' | 'zero' }) => ({
  checks: [
    {
      name: 'mine',
      query: 'q',
      empty: 'hold' as const,
      ...bounds,
      values: values.map((value) => ({ labels: '', value })),
    },
  ],
});

describe('judgeGate', () => {
  it.for<{ verdict: string; when: string; evidence: Changes }>([
    { verdict: 'pass', when: 'the bake is over and every number is within its limit', evidence: baked },
    { verdict: 'hold', when: 'the bake still runs', evidence: halfBaked },
    {
      verdict: 'fail',
      when: 'more requests fail than allowed, even before the bake is over',
      evidence: { ...halfBaked, serverSide: traffic(10_000, 200) },
    },
    {
      verdict: 'fail',
      when: 'every request failed, so no success series exists',
      evidence: { ...halfBaked, serverSide: traffic(900, 900) },
    },
    {
      verdict: 'fail',
      when: 'half of only twelve requests failed',
      evidence: { ...halfBaked, serverSide: traffic(12, 6) },
    },
    {
      verdict: 'hold',
      when: 'two of five requests failed, which says nothing yet',
      evidence: { ...halfBaked, serverSide: traffic(5, 2) },
    },
    {
      verdict: 'hold',
      when: 'two of 199 requests failed, which chance alone can explain',
      evidence: { ...halfBaked, outbound: traffic(199, 2) },
    },
    {
      verdict: 'inconclusive',
      when: 'the ratio stays a little above its limit for the longest bake',
      evidence: { ...overdue, serverSide: traffic(1_000, 11) },
    },
    {
      verdict: 'fail',
      when: 'only the clients see the failures',
      evidence: { ...baked, clientSide: traffic(10_000, 200) },
    },
    {
      verdict: 'fail',
      when: 'the calls of the new proxies fail',
      evidence: { ...baked, outbound: traffic(10_000, 200) },
    },
    {
      verdict: 'fail',
      when: 'one namespace fails and hides behind the traffic of the others',
      evidence: { ...baked, serverSide: one(800, 40) },
    },
    {
      verdict: 'fail',
      when: 'all of the few requests of one namespace fail',
      evidence: { ...halfBaked, outbound: one(12, 12) },
    },
    {
      verdict: 'pass',
      when: 'one namespace fails as much as it did before its wave',
      evidence: { ...baked, serverSide: one(800, 40, { requests: 90_000, errors: 4_500 }) },
    },
    {
      verdict: 'fail',
      when: 'one namespace fails far more than it did before its wave',
      evidence: { ...baked, serverSide: one(800, 200, { requests: 90_000, errors: 4_500 }) },
    },
    {
      verdict: 'pass',
      when: 'chance alone explains a few failures in one of many namespaces',
      evidence: { ...baked, serverSide: one(100, 5) },
    },
    { verdict: 'fail', when: 'the new istiod has configuration rejected', evidence: { ...halfBaked, xdsRejects: 1 } },
    { verdict: 'fail', when: 'the new istiod fails to inject', evidence: { ...halfBaked, injectionFailures: 1 } },
    {
      verdict: 'hold',
      when: 'istiod is not scraped, so its counters are unknown and not zero',
      evidence: { ...baked, controlPlane: false },
    },
    { verdict: 'hold', when: 'a query failed', evidence: { ...baked, distrust: ['connection refused'] } },
    {
      verdict: 'fail',
      when: 'a query failed and the other answers exceed a limit',
      evidence: { ...baked, distrust: ['connection refused'], serverSide: traffic(1_000, 500) },
    },
    {
      verdict: 'inconclusive',
      when: 'telemetry was missing for longer than allowed',
      evidence: { ...overdue, distrust: ['connection refused'] },
    },
    { verdict: 'hold', when: 'one of the pods has no fresh sample', evidence: { ...baked, freshness: 1 } },
    { verdict: 'hold', when: 'there is no pod on the new revision', evidence: { ...baked, pods: 0, freshness: 0 } },
    {
      verdict: 'hold',
      when: 'no request reached the wave and the bake may last longer',
      evidence: { ...baked, serverSide: traffic(0, 0) },
    },
    {
      verdict: 'inconclusive',
      when: 'no request reached the wave in the longest bake',
      evidence: { ...overdue, serverSide: traffic(0, 0) },
    },
    {
      verdict: 'pass',
      when: 'a wave of servers sends no requests',
      evidence: { ...baked, outbound: traffic(0, 0) },
    },
    {
      verdict: 'fail',
      when: "the user's query is above its maximum",
      evidence: { ...baked, ...check([0.2], { max: 0.1 }) },
    },
    {
      verdict: 'fail',
      when: "the user's query is below its minimum",
      evidence: { ...baked, ...check([0.2], { min: 0.9 }) },
    },
    {
      verdict: 'fail',
      when: 'one of several series is above the maximum, whatever its place',
      evidence: { ...baked, ...check([0.01, 0.2, 0.02], { max: 0.1 }) },
    },
    {
      verdict: 'pass',
      when: 'all of several series are within both bounds',
      evidence: { ...baked, ...check([0.5, 0.7], { min: 0.1, max: 0.9 }) },
    },
    { verdict: 'hold', when: "the user's query has no result", evidence: { ...baked, ...check([], { max: 0.1 }) } },
    {
      verdict: 'pass',
      when: "the user's query has no result, which the config counts as zero",
      evidence: { ...baked, ...check([], { max: 0.1, empty: 'zero' }) },
    },
    {
      verdict: 'fail',
      when: 'an empty result counts as zero, which is below the minimum',
      evidence: { ...baked, ...check([], { min: 1, empty: 'zero' }) },
    },
    { verdict: 'hold', when: "the user's query is NaN", evidence: { ...baked, ...check([Number.NaN], { max: 0.1 }) } },
    {
      verdict: 'fail',
      when: 'one series is NaN and another is above the maximum',
      evidence: { ...baked, ...check([Number.NaN, 1], { max: 0.1 }) },
    },
  ])('says $verdict when $when', ({ verdict, evidence }) => {
    expect(judgeGate(evidenceWith(evidence), gateSettings, 0)).toMatchObject({ verdict });
  });

  const unknowns = fc.constantFrom<Changes>(
    { distrust: ['unknown'] },
    { freshness: 0 },
    { controlPlane: false },
    { serverSide: traffic(0, 0) },
    check([], { max: 1 }),
    check([Number.NaN], { max: 1 }),
  );

  it('never says pass when a number is unknown, whatever the other numbers are', () => {
    fc.assert(
      fc.property(unknowns, fc.nat(10_000_000), fc.nat(100_000), (unknown, until, requests) => {
        const verdict = judgeGate(
          evidenceWith({ readyAt: 0, until, serverSide: traffic(requests, 0), ...unknown }),
          gateSettings,
          0,
        ).verdict;
        expect(verdict).not.toBe('pass');
      }),
    );
  });

  it('reports value and limit of each gate that failed', () => {
    const { reason } = judgeGate(evidenceWith({ ...baked, serverSide: traffic(10_000, 480) }), gateSettings, 0);
    expect(reason).toBe('server-side errors 4.8 % of 10000 requests, limit 1 %');
  });
});
