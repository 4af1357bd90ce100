import type { Sim } from '../../../harness/rehearsal/sim/create-sim.ts';
import type { TransportRequest } from '../../../src/kubernetes/transport.ts';

export interface Sent {
  status: number;
  headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
}

interface Options {
  contentType?: string;
  accept?: string;
}

/** One request through the transport, driven to its end. */
export async function send(
  sim: Sim,
  method: TransportRequest['method'],
  path: string,
  body?: unknown,
  { contentType = 'application/json', accept = 'application/json' }: Options = {},
): Promise<Sent> {
  const request: TransportRequest = {
    method,
    path,
    headers: { accept, 'content-type': contentType, 'user-agent': 'test/1' },
    signal: new AbortController().signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const { status, headers, text } = await sim.run(sim.transport.send(request));
  const content = await text();
  return { status, headers, body: headers['content-type'] === 'application/json' ? JSON.parse(content) : content };
}

/** Opens a watch; what has arrived so far stands in `events`, parsed. */
export async function watch(sim: Sim, path: string) {
  const controller = new AbortController();
  const response = await sim.run(
    sim.transport.send({ method: 'GET', path, headers: { accept: 'application/json' }, signal: controller.signal }),
  );
  // biome-ignore lint/suspicious/noExplicitAny: events of every kind
  const events: { type: string; object: any }[] = [];
  const ended = (async () => {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of response.chunks()) {
      text += decoder.decode(chunk, { stream: true });
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      events.push(...lines.map((line) => JSON.parse(line)));
    }
  })();
  ended.catch(() => undefined);
  return { status: response.status, events, ended, abort: () => controller.abort() };
}
