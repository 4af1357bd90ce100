import type { Clock } from '../model/clock.ts';
import { DeadlineExceeded } from './network-failure.ts';

/**
 * Gives `work` a signal that aborts after `ms` or with `outer`. The timer is gone when this settles.
 * @throws DeadlineExceeded also when `work` does not heed its signal
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer.throwIfAborted();
  const aborter = new AbortController();
  const timer = new AbortController();
  const { promise: cut, reject } = Promise.withResolvers<never>();
  const cancel = () => {
    aborter.abort(outer.reason);
    reject(outer.reason);
  };
  outer.addEventListener('abort', cancel, { once: true });
  clock.sleep(ms, timer.signal).then(
    () => {
      const late = new DeadlineExceeded(ms);
      aborter.abort(late);
      reject(late);
    },
    // Only our own abort ends the sleep early, and then the work is over.
    () => undefined,
  );
  try {
    return await Promise.race([work(aborter.signal), cut]);
  } finally {
    timer.abort();
    outer.removeEventListener('abort', cancel);
  }
}
