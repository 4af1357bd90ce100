import type { TimedEvent } from '../model/events.ts';

const quietMs = 10_000;

/** Passes on the first wait of a stage, and then one at most every ten seconds: for logs, which keep every line. */
export function quietWaits(): (event: Extract<TimedEvent, { kind: 'waiting' }>) => boolean {
  let last = { at: Number.NEGATIVE_INFINITY, number: 0 };
  return ({ number, at }) => {
    if (number === last.number && at - last.at < quietMs) return false;
    last = { at, number };
    return true;
  };
}
