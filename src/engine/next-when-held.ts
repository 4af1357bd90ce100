import type { Meaning } from '../model/code.ts';
import type { Journal } from '../model/journal.ts';

/**
 * The verb for a run that holds: on, once the cause is repaired. A wave that has failed stays failed, and to run again would only say so
 * again: back, or, once the old istiod is being removed, another look at the wave.
 * @param next of the first problem
 */
export function nextWhenHeld(
  next: Meaning['next'],
  { removalBegan }: Pick<Journal['marks'], 'removalBegan'>,
): 'upgrade' | 'upgrade --rejudge' | 'rollback' {
  if (next !== 'rollback') return 'upgrade';
  return removalBegan === undefined ? 'rollback' : 'upgrade --rejudge';
}
