import { describe, expect, it } from 'vitest';
import { nextWhenHeld } from '../../src/engine/next-when-held.ts';

describe('the next command after a hold', () => {
  it.for([
    { next: 'upgrade', after: undefined, marks: {}, when: 'a cause can be repaired' },
    { next: 'rollback', after: 'rollback' as const, marks: {}, when: 'a wave has failed, which it stays' },
    {
      next: 'upgrade --rejudge',
      after: 'rollback' as const,
      marks: { removalBegan: 1 },
      when: 'the old istiod is going',
    },
  ])('is $next when $when', ({ next, after, marks }) => {
    expect(nextWhenHeld(after, marks)).toBe(next);
  });
});
