import type { Journal } from '../model/journal.ts';

/**
 * The verb for a run that holds: on, once the cause is repaired. A wave that has failed stays failed, and to run again would only say so
 * again: back, or, once the old istiod is being removed, another look at the wave.
 * @param code of the first problem
 */
export function nextWhenHeld(
  code: string | undefined,
  { removalBegan }: Pick<Journal['marks'], 'removalBegan'>,
): 'upgrade' | 'upgrade --rejudge' | 'rollback' {
  if (code !== 'GATE_FAILED') return 'upgrade';
  return removalBegan === undefined ? 'rollback' : 'upgrade --rejudge';
}
