import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeGate } from '../../src/gate/judge.ts';
import { type Changes, evidenceWith, gateSettings, trafficOf, usual } from './gate-fixtures.ts';

/** Samples younger than half a minute do not count as baked. */
const baked = { readyAt: 0, since: 0, until: 630_000 };
const halfBaked = { readyAt: 0, since: 0, until: 330_000 };
const overdue = { readyAt: 0, since: 0, until: 1_830_000 };
const moving = { mode: 'moving' as const, readyAt: 0, since: 0, until: 30_000 };
const nothing = { requests: 0, errors: 0 };
const noHistory = { ...nothing, dispersion: 2, followsRest: false };
const onePercent = { ...usual, errors: 21_600, most: 0.010_14, rest: 0.01 };
const missing = (found: { left: number; rest?: number; ms?: number }): Changes => ({
  missingTraffic: [{ part: 'foo/cart', least: 100, ms: 120_000, ...found }],
});
const movingTraffic = (requests: number, errors: number) => ({
  requests,
  errors,
  worst: [],
  classes: {
    error: [
      { normal: usual, windows: { moving: { own: { requests, errors }, rest: { requests: 9_000, errors: 9 } } } },
    ],
  },
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
      when: 'ten times as much fails as usual, even before the bake is over',
      evidence: { ...halfBaked, serverSide: trafficOf(10_000, 100) },
    },
    {
      verdict: 'fail',
      when: 'every request failed, so no success series exists',
      evidence: { ...halfBaked, serverSide: trafficOf(900, 900) },
    },
    {
      verdict: 'hold',
      when: 'two of five requests failed, which says nothing yet',
      evidence: { ...halfBaked, serverSide: trafficOf(5, 2) },
    },
    {
      verdict: 'pass',
      when: 'as much fails as usual, above errorRatio',
      evidence: { ...baked, serverSide: trafficOf(10_000, 105, { normal: onePercent }) },
    },
    {
      verdict: 'fail',
      when: 'three times as much fails as the usual 1 %',
      evidence: { ...baked, serverSide: trafficOf(10_000, 300, { normal: onePercent }) },
    },
    {
      verdict: 'pass',
      when: 'the rest of the mesh suffers as much, since the cause is elsewhere',
      evidence: { ...baked, serverSide: trafficOf(10_000, 510, { rest: { requests: 100_000, errors: 5_100 } }) },
    },
    {
      verdict: 'hold',
      when: 'more fails than usual, and there is no rest of the mesh to compare it with',
      evidence: { ...baked, serverSide: trafficOf(10_000, 200, { rest: nothing }) },
    },
    {
      verdict: 'inconclusive',
      when: 'the same is so when the longest bake is over',
      evidence: { ...overdue, serverSide: trafficOf(10_000, 200, { rest: nothing }) },
    },
    {
      verdict: 'fail',
      when: 'a fifth of all requests fails, whatever the rest of the mesh does',
      evidence: { ...baked, serverSide: trafficOf(10_000, 2_000, { rest: nothing }) },
    },
    {
      verdict: 'pass',
      when: 'there is no history, and little fails',
      evidence: { ...baked, serverSide: trafficOf(10_000, 20, { normal: noHistory }) },
    },
    {
      verdict: 'fail',
      when: 'there is no history, and more fails than errorRatio allows',
      evidence: { ...baked, serverSide: trafficOf(10_000, 400, { normal: noHistory }) },
    },
    {
      verdict: 'fail',
      when: 'only the clients see the failures',
      evidence: { ...baked, clientSide: trafficOf(10_000, 200) },
    },
    {
      verdict: 'fail',
      when: 'the calls of the new proxies fail',
      evidence: { ...baked, outbound: trafficOf(10_000, 200) },
    },
    {
      verdict: 'fail',
      when: 'servers refuse requests that they allowed before',
      evidence: { ...baked, serverSide: trafficOf(10_000, 200, { failure: 'refusal' }) },
    },
    {
      verdict: 'fail',
      when: 'requests do not reach a server',
      evidence: { ...baked, clientSide: trafficOf(10_000, 200, { failure: 'lost' }) },
    },
    {
      verdict: 'fail',
      when: 'one workload fails and hides behind the traffic of the others',
      evidence: {
        ...baked,
        workloads: 10,
        serverSide: trafficOf(100_000, 140, { workloads: { 'foo/cart': { requests: 800, errors: 40 } } }),
      },
    },
    {
      verdict: 'pass',
      when: 'one workload fails as much as it always did',
      evidence: {
        ...baked,
        workloads: 10,
        serverSide: trafficOf(100_000, 140, {
          workloads: { 'foo/cart': { requests: 800, errors: 40, normal: { ...usual, errors: 108_000, most: 0.0505 } } },
        }),
      },
    },
    {
      verdict: 'pass',
      when: 'chance alone explains a few failures in one of many workloads',
      evidence: {
        ...baked,
        workloads: 100,
        serverSide: trafficOf(100_000, 104, { workloads: { 'foo/cart': { requests: 100, errors: 4 } } }),
      },
    },
    {
      verdict: 'fail',
      when: 'many more requests are slow than usual',
      evidence: { ...baked, slowRequests: trafficOf(10_000, 1_000, { normal: onePercent }).classes.error ?? [] },
    },
    {
      verdict: 'fail',
      when: 'a workload has lost its traffic, and the rest of the mesh has not',
      evidence: { ...halfBaked, ...missing({ left: 3, rest: 1 }) },
    },
    {
      verdict: 'hold',
      when: 'a workload has lost its traffic, and the rest of the mesh too',
      evidence: { ...baked, ...missing({ left: 3, rest: 0.1 }) },
    },
    {
      verdict: 'hold',
      when: 'a workload has lost its traffic, and there is no rest of the mesh',
      evidence: { ...baked, ...missing({ left: 3 }) },
    },
    {
      verdict: 'hold',
      when: 'half of the traffic of a workload is missing',
      evidence: { ...baked, ...missing({ left: 50, ms: 300_000, rest: 1 }) },
    },
    {
      verdict: 'hold',
      when: 'the traffic of pods that are not scraped is missing',
      evidence: { ...baked, freshness: 1, ...missing({ left: 0, rest: 1 }) },
    },
    {
      verdict: 'fail',
      when: 'most requests to the first new pods fail while the wave still moves',
      evidence: { ...moving, serverSide: movingTraffic(100, 60) },
    },
    {
      verdict: 'hold',
      when: 'a few requests to the first new pods fail',
      evidence: { ...moving, serverSide: movingTraffic(100, 3) },
    },
    {
      verdict: 'hold',
      when: 'a wave still moves, however well it does',
      evidence: { ...moving, until: 3_600_000, serverSide: movingTraffic(1_000_000, 0) },
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
      evidence: { ...baked, distrust: ['connection refused'], serverSide: trafficOf(1_000, 500) },
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
      evidence: { ...baked, serverSide: trafficOf(0, 0) },
    },
    {
      verdict: 'inconclusive',
      when: 'no request reached the wave in the longest bake',
      evidence: { ...overdue, serverSide: trafficOf(0, 0) },
    },
    {
      verdict: 'pass',
      when: 'a wave of servers sends no requests',
      evidence: { ...baked, outbound: trafficOf(0, 0) },
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
    { serverSide: trafficOf(0, 0) },
    check([], { max: 1 }),
    check([Number.NaN], { max: 1 }),
  );

  it('never says pass when a number is unknown, whatever the other numbers are', () => {
    fc.assert(
      fc.property(unknowns, fc.nat(10_000_000), fc.nat(100_000), (unknown, until, requests) => {
        const verdict = judgeGate(
          evidenceWith({ readyAt: 0, until, serverSide: trafficOf(requests, 0), ...unknown }),
          gateSettings,
          0,
        ).verdict;
        expect(verdict).not.toBe('pass');
      }),
    );
  });

  it('reports value and limit of each gate that failed', () => {
    const { reason } = judgeGate(evidenceWith({ ...baked, serverSide: trafficOf(10_000, 480) }), gateSettings, 0);
    expect(reason).toBe(
      'server-side errors 4.8 % (480 of 10000 requests), usually 0.1 %, limit 0.207 % now (20 requests)',
    );
  });
});
