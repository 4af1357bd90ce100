import { describe, expect, it } from 'vitest';
import { nextWhenHeld } from '../../src/engine/next-when-held.ts';

describe('what leads on from a hold', () => {
  it.for([
    { next: 'upgrade', code: 'STUCK', marks: {}, when: 'a cause can be repaired' },
    { next: 'upgrade', code: undefined, marks: {}, when: 'nothing is said' },
    { next: 'rollback', code: 'GATE_FAILED', marks: {}, when: 'a wave has failed, which it stays' },
    { next: 'upgrade --rejudge', code: 'GATE_FAILED', marks: { removalBegan: 1 }, when: 'the old istiod is going' },
  ])('is $next when $when', ({ next, code, marks }) => {
    expect(nextWhenHeld(code, marks)).toBe(next);
  });
});
