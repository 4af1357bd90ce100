import { describe, expect, it } from 'vitest';
import { neverBack, type Phase, phaseOf, phases, whichWay } from '../../src/engine/which-way.ts';
import { New, noMarks, Old, plan, tagAt, tagObjects } from '../mesh/world-fixtures.ts';

const policy = { failure: 'rollback', cancel: 'hold', inconclusive: 'hold' } as const;
const old = tagAt(Old);
const moved = tagAt(New);
const half = new Map([['default', tagObjects({ webhook: New, Service: Old, validator: Old })]]);

describe('the safe way', () => {
  it.for([
    { way: 'stop', code: 'GATE_FAILED', when: 'the tag has not moved', tags: old },
    { way: 'back', code: 'GATE_FAILED', when: 'the tag has moved', tags: moved },
    { way: 'back', code: 'ROLLOUT_BROKEN', when: 'only a part of the tag has moved', tags: half },
    {
      way: 'hold',
      code: 'GATE_FAILED',
      when: 'stage 8 has begun',
      tags: moved,
      marks: { ...noMarks, removalBegan: 1 },
    },
    {
      way: 'hold',
      code: 'GATE_FAILED',
      when: 'the policy says so',
      tags: moved,
      on: { ...policy, failure: 'hold' as const },
    },
    { way: 'hold', code: 'GATE_INCONCLUSIVE', when: 'nothing else is said', tags: moved },
    {
      way: 'back',
      code: 'GATE_INCONCLUSIVE',
      when: 'the policy says so',
      tags: moved,
      on: { ...policy, inconclusive: 'rollback' as const },
    },
  ])('after $code is $way when $when', ({ way, code, tags, marks = noMarks, on = policy }) => {
    expect(whichWay(code, { tags }, marks, plan(), on)).toBe(way);
  });

  it.for([
    { phase: 'preparing', safe: 'stop', tags: old, marks: noMarks },
    { phase: 'moving', safe: 'back', tags: half, marks: noMarks },
    { phase: 'moving', safe: 'back', tags: moved, marks: noMarks },
    { phase: 'removing', safe: 'hold', tags: moved, marks: { ...noMarks, removalBegan: 1 } },
    // A tag that somebody has put back does not bring the old istiod back.
    { phase: 'removing', safe: 'hold', tags: old, marks: { ...noMarks, removalBegan: 1 } },
  ] as const)('while $phase is $safe, whatever else is asked', ({ phase, safe, tags, marks }) => {
    expect(phaseOf({ tags }, marks, plan())).toBe(phase);
    expect(phases[phase].safe).toBe(safe);
    const all: readonly string[] = ['GATE_FAILED', 'GATE_INCONCLUSIVE', 'STUCK', ...Object.keys(neverBack)];
    const reactions = [
      policy,
      { ...policy, failure: 'hold' as const },
      { ...policy, inconclusive: 'rollback' as const },
    ];
    const ways = all.flatMap((code) => reactions.map((on) => whichWay(code, { tags }, marks, plan(), on)));
    expect(ways.filter((way) => way !== safe && way !== 'hold')).toEqual([]);
    expect(safe === 'stop' && ways.includes('hold')).toBe(false);
  });

  it('has a row for every phase', () => {
    expect(Object.keys(phases) satisfies string[] as Phase[]).toEqual(['preparing', 'moving', 'removing']);
  });

  it.for(Object.entries(neverBack))('after %s is never back: %s', ([code]) => {
    const on = { failure: 'rollback', cancel: 'rollback', inconclusive: 'rollback' } as const;
    expect(whichWay(code, { tags: moved }, noMarks, plan(), on)).toBe('hold');
  });
});
