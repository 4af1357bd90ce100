import type { TimedEvent } from '../model/events.ts';

const quietMs = 10_000;

/**
 * For logs, which keep every line: passes on the first wait for something, and then one when a quarter of the time waited has passed
 * again, at least ten seconds. A bake of ten minutes gets about 15 lines.
 */
export function quietWaits(): (event: Extract<TimedEvent, { kind: 'waiting' }>) => boolean {
  let last = { at: Number.NEGATIVE_INFINITY, about: '', began: 0 };
  return (event) => {
    const { at } = event;
    const about = topicOf(event);
    if (about !== last.about) {
      last = { at, about, began: at };
      return true;
    }
    if (at - last.at < Math.max(quietMs, (at - last.began) / 5)) return false;
    last = { ...last, at };
    return true;
  };
}

/** A bake is waited for apart from the restarts before it. */
function topicOf({ number, shortfalls }: Extract<TimedEvent, { kind: 'waiting' }>): string {
  const what = shortfalls[0]?.what ?? '';
  return `${number} ${what.startsWith('wave ') ? what : ''}`;
}
