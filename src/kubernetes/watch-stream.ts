import * as z from 'zod';
import { AnyObject } from './list-pages.ts';
import type { ObjectEvent } from './object-store.ts';
import { parseJson, readStatus, StatusError } from './status-error.ts';

const WatchEvent = z.union([
  z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED']), object: AnyObject }),
  z.object({ type: z.literal('BOOKMARK'), object: AnyObject }),
  z.object({ type: z.literal('ERROR'), object: z.unknown() }),
]);

export interface Bookmark {
  type: 'BOOKMARK';
  resourceVersion: string;
}

/** The watch cannot be resumed from its resource version; a new list is needed. */
export class WatchBroken extends Error {
  override readonly name = 'WatchBroken';
}

/**
 * The events of one piece of a watch's body together, so that what arrived together is applied together.
 * @throws WatchBroken for an ERROR event (most often 410: the version is too old) or a line that is not an event
 */
export async function* readWatch(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<(ObjectEvent | Bookmark)[]> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const chunk of chunks) {
    const lines = (pending + decoder.decode(chunk, { stream: true })).split('\n');
    // After a cut body half an event remains here; the next watch sends the whole event.
    pending = lines.pop() ?? '';
    yield lines.filter((line) => line.trim() !== '').map(readEvent);
  }
}

function readEvent(line: string): ObjectEvent | Bookmark {
  const parsed = WatchEvent.safeParse(parseJson(line));
  if (!parsed.success) throw new WatchBroken(`not an event of a watch: ${line.slice(0, 200)}`, { cause: parsed.error });
  const event = parsed.data;
  if (event.type === 'ERROR') throw brokenBy(event.object);
  if (event.type === 'BOOKMARK')
    return { type: 'BOOKMARK', resourceVersion: event.object.metadata.resourceVersion ?? '' };
  return event;
}

function brokenBy(object: unknown): WatchBroken {
  const status = readStatus(object);
  const { code = 0, reason = 'Unknown', message = 'no reason given' } = status ?? {};
  const cause = new StatusError({ code, reason, message, details: status?.details });
  return new WatchBroken(`the server ended the watch: ${message}`, { cause });
}
