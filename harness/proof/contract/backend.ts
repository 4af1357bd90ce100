import type { TransportRequest } from '../../../src/kubernetes/transport.ts';

export interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** Parsed when it is JSON, text otherwise. */
  body: unknown;
}

export interface WatchEvent {
  type: string;
  object: unknown;
}

/** An open watch; `events` grows while the backend's time passes. */
export interface Watching {
  status: number;
  events: readonly WatchEvent[];
  hasEnded(): boolean;
  close(): void;
}

/** What the suite needs of a cluster; the simulator and the lab are the two there are. */
export interface ContractBackend {
  name: 'sim' | 'lab';
  send(
    method: TransportRequest['method'],
    path: string,
    body: string | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  watch(path: string, headers: Readonly<Record<string, string>>): Promise<Watching>;
  /** Lets the backend's own time pass. */
  sleep(ms: number): Promise<void>;
  /** Milliseconds of the backend's own time. */
  now(): number;
  /** Forgets all versions but the newest, as the API server does every five minutes. */
  compact(): Promise<void>;
  /** Resolves when a new namespace can take pods. */
  untilUsable(namespace: string): Promise<void>;
  close(): Promise<void>;
}

/** A client that watches over a transport of either backend. */
export async function openWatch(
  send: (signal: AbortSignal) => Promise<{ status: number; chunks(): AsyncIterable<Uint8Array> }>,
): Promise<Watching> {
  const controller = new AbortController();
  const response = await send(controller.signal);
  const events: WatchEvent[] = [];
  let ended = false;
  const read = async () => {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of response.chunks()) {
      rest += decoder.decode(chunk, { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      events.push(...lines.map((line) => JSON.parse(line) as WatchEvent));
    }
    // A refusal is one object without a newline.
    if (rest !== '') events.push({ type: 'BODY', object: parseBody(rest) });
  };
  void read()
    .catch((failure: unknown) => {
      // A closed watch may break off anywhere; any other break is an end that the case sees.
      if (!controller.signal.aborted) events.push({ type: 'BROKEN', object: String(failure) });
    })
    .finally(() => {
      ended = true;
    });
  return { status: response.status, events, hasEnded: () => ended, close: () => controller.abort() };
}

export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
