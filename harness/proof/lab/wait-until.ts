import { setTimeout as sleep } from 'node:timers/promises';
import { DeadlinePassed } from './lab-errors.ts';

/**
 * Asks again and again until the answer is something.
 * @param probe answers undefined or false for "not yet"; what it throws ends the wait
 * @throws DeadlinePassed with `what` after `deadlineMs`; the signal's reason when aborted
 */
export async function waitUntil<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  { deadlineMs, everyMs = 100, signal }: { deadlineMs: number; everyMs?: number; signal?: AbortSignal | undefined },
): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await probe();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() >= end) throw new DeadlinePassed(what, deadlineMs / 1000);
    // An abort ends the sleep; the next round then throws its reason.
    await sleep(everyMs, undefined, signal ? { signal } : {}).catch(() => undefined);
  }
}
