import { describe, expect, it } from 'vitest';
import { whichWay } from '../../src/engine/which-way.ts';
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
    { way: 'hold', code: 'TAG_NOT_AT_TARGET', when: 'somebody else writes the tag', tags: half },
    { way: 'hold', code: 'EFFECT_FAILED', when: 'a write was refused', tags: moved },
    { way: 'hold', code: 'EFFECT_WITHOUT_RESULT', when: 'a write was undone', tags: moved },
    { way: 'hold', code: 'JOURNAL_CONFLICT', when: 'another run writes', tags: moved },
    { way: 'hold', code: 'OLD_REVISION_IN_USE', when: 'somebody wants the old revision', tags: moved },
  ])('after $code is $way when $when', ({ way, code, tags, marks = noMarks, on = policy }) => {
    expect(whichWay(code, { tags }, marks, plan(), on)).toBe(way);
  });
});
