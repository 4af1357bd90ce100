import { describe, expect, it } from 'vitest';
import { exactlyGreater, normalTail, ranked } from '../../../../harness/proof/bench/gate/peers/mann-whitney.ts';
import { type Arm, ratios } from '../../../../harness/proof/bench/gate/peers/peer.ts';
import { type PeerName, peers } from '../../../../harness/proof/bench/gate/peers/peers.ts';
import traces from '../../../fixtures/peer-traces.json' with { type: 'json' };

const names = Object.keys(peers) as PeerName[];
const steady = (requests: number, errors: number, length = 120): Arm => ({
  requests: Array.from({ length }, () => requests),
  errors: Array.from({ length }, () => errors),
});
const judged = (name: PeerName, wave: Arm, control = steady(900, 1)) =>
  peers[name]({ server: wave, client: wave, control });

describe('the emulators of peers', () => {
  // Counts and outcomes of an implementation in another language.
  it.for(traces.flatMap((trace) => names.map((peer) => ({ trace, peer, title: `${peer}: ${trace.name}` }))))(
    'decide recorded traces as recorded: $title',
    ({ trace, peer }) => {
      expect(judged(peer, trace.wave, trace.control) ?? null).toBe(trace.after[peer]);
    },
  );

  it.for(names)('%s passes a wave without errors', (peer) => {
    expect(judged(peer, steady(100, 0), steady(900, 0))).toBeUndefined();
  });

  it.for([
    { peer: 'Flagger, threshold 5', after: 20 },
    { peer: 'Flagger, threshold 1', after: 4 },
    { peer: 'Argo Rollouts', after: 80 },
    { peer: 'Kayenta', after: 40 },
    { peer: 'PipeCD', after: 20 },
  ] as const)('$peer sees a total outage after $after scrape intervals', ({ peer, after }) => {
    expect(judged(peer, steady(100, 100))).toBe(after);
  });

  it.for([
    { peer: 'Flagger, threshold 1', after: 4 },
    { peer: 'Argo Rollouts', after: 80 },
    { peer: 'Kayenta', after: undefined },
    { peer: 'PipeCD', after: 20 },
  ] as const)('$peer answers a wave without requests after $after intervals', ({ peer, after }) => {
    expect(judged(peer, steady(0, 0))).toBe(after);
  });

  it('Flagger looks at servers and Argo Rollouts at clients', () => {
    const [good, bad] = [steady(100, 0), steady(100, 100)];
    expect(peers['Flagger, threshold 1']({ server: good, client: bad, control: good })).toBeUndefined();
    expect(peers['Argo Rollouts']({ server: bad, client: good, control: good })).toBeUndefined();
  });
});

describe('the Mann-Whitney test', () => {
  it('counts the pairs in which the first value is greater, and half of the equal ones', () => {
    expect(ranked([3, 5, 5], [1, 5, 7])).toEqual({ u: 4, ties: [1, 1, 3, 1] });
  });

  it.for([
    { first: [4, 5, 6], second: [1, 2, 3], is: 1 / 20 },
    { first: [1, 2, 3], second: [4, 5, 6], is: 1 },
    { first: [2, 2], second: [1, 2], is: 1 / 2 },
  ])('gives $first above $second the exact probability $is', ({ first, second, is }) => {
    expect(exactlyGreater(first.length, ranked(first, second))).toBeCloseTo(is, 12);
  });

  it.for([
    { z: 0, tail: 0.5 },
    { z: 1.6448536, tail: 0.05 },
    { z: -1.6448536, tail: 0.95 },
    { z: 2.326347874, tail: 0.01 },
  ])('has $tail of the normal distribution above $z', ({ z, tail }) => {
    expect(normalTail(z)).toBeCloseTo(tail, 6);
  });

  it('leaves out intervals without requests', () => {
    expect(ratios({ requests: [10, 0, 20], errors: [1, 0, 1] }, 0, 3)).toEqual([0.1, 0.05]);
  });
});
