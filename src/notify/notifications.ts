import { request } from 'undici';
import * as z from 'zod';
import { messageOf } from '../model/upgrade-error.ts';
import { dispatcherFor } from '../network/dispatcher-for.ts';
import type { Note } from './note.ts';

export interface NotificationOptions {
  /** A secret: it gives the right to post. */
  url: string;
  /** For Slack's `chat.postMessage`: a bot's token, and where to. Then all messages of a run are one thread. */
  slack?: { token: string; channel: string };
  /** Remembers the first message of the thread: the process that finalizes a run is another one than the one that began it. */
  thread?: ThreadMemory;
  /** For `https_proxy` and `no_proxy`. */
  env: Readonly<Record<string, string | undefined>>;
  /** Called with the first failure; after it nothing more is sent. */
  onFailure: (reason: string) => void;
  /** For one message, milliseconds. */
  timeoutMs?: number;
}

interface ThreadMemory {
  recall(): string | undefined;
  remember(thread: string): void;
}

export interface Notifications {
  /** Queues a message behind the earlier ones and returns at once. */
  send(note: Note): void;
  /** Resolves when all are sent. */
  settle(): Promise<void>;
}

/** Slack's answer to a message, which has status 200 also for a failure. */
const posted = z.object({ ok: z.boolean(), ts: z.string().optional(), error: z.string().optional() });

/** Posts notes in order, each once: a run waits for none of them, and does not fail if one fails. */
export function createNotifications({
  url,
  slack,
  thread: memory,
  env,
  onFailure,
  timeoutMs = 5_000,
}: NotificationOptions): Notifications {
  const dispatcher = dispatcherFor({}, undefined, env);
  let thread = memory?.recall();
  let isOver = false;

  const post = async (note: Note): Promise<void> => {
    const { statusCode, body } = await request(url, {
      method: 'POST',
      dispatcher,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        'content-type': 'application/json; charset=utf-8',
        ...(slack === undefined ? {} : { authorization: `Bearer ${slack.token}` }),
      },
      body: JSON.stringify(slack === undefined ? note : messageFor(note, slack.channel, thread)),
    });
    const answer = await body.text();
    if (statusCode < 200 || statusCode >= 300) throw new Error(`the receiver answered ${statusCode}`);
    if (slack === undefined) return;
    const { ok, ts, error } = posted.parse(JSON.parse(answer));
    if (!ok) throw new Error(`Slack answered ${error ?? 'no'}`);
    if (thread !== undefined || ts === undefined) return;
    thread = ts;
    memory?.remember(ts);
  };

  let queue: Promise<void> = Promise.resolve();
  return {
    send(note) {
      queue = queue.then(async () => {
        if (isOver) return;
        try {
          await post(note);
        } catch (failure) {
          isOver = true;
          onFailure(messageOf(failure));
        }
      });
    },
    async settle() {
      await queue;
      await dispatcher.close();
    },
  };
}

/** The end of a run is also shown in the channel; what leads to it, in the thread alone. */
const messageFor = ({ text, event }: Note, channel: string, thread: string | undefined) => ({
  channel,
  text,
  ...(thread === undefined ? {} : { thread_ts: thread, reply_broadcast: event === 'run-ended' }),
});
