import { describe, expect, it } from 'vitest';
import { type Run, whyInterrupted } from '../../src/engine/run.ts';

const endedBy = (reason: unknown) => ({ signal: AbortSignal.abort(reason) }) as Run;

describe('the message about a run that was interrupted', () => {
  it.for([
    { reason: new Error('SIGINT'), says: 'Interrupted in stage 5' },
    { reason: undefined, says: 'Interrupted in stage 5' },
    {
      reason: new DOMException('the time is up', 'TimeoutError'),
      says: 'The time given by --timeout was up in stage 5',
    },
  ])('is $says', ({ reason, says }) => {
    expect(whyInterrupted(endedBy(reason), 'in stage 5')).toBe(says);
  });
});
