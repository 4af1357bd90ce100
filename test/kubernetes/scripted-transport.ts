import type { Transport, TransportRequest, TransportResponse } from '../../src/kubernetes/transport.ts';

type Reply = (request: TransportRequest) => TransportResponse | Promise<TransportResponse>;

/** Answers what the script says, in order for each kind of request, and refuses everything else. */
export class ScriptedTransport implements Transport {
  readonly sent: TransportRequest[] = [];
  readonly unscripted: string[] = [];
  readonly #script: { method: string; path: RegExp | string; replies: Reply[] }[] = [];

  /** @param path the whole path, or a pattern. Replies are used up one by one. */
  on(method: string, path: RegExp | string, ...replies: Reply[]): this {
    this.#script.push({ method, path, replies });
    return this;
  }

  async send(request: TransportRequest): Promise<TransportResponse> {
    request.signal.throwIfAborted();
    this.sent.push(request);
    const line = this.#script.find(
      ({ method, path, replies }) =>
        method === request.method &&
        replies.length > 0 &&
        (typeof path === 'string' ? path === request.path : path.test(request.path)),
    );
    const reply = line?.replies.shift();
    if (!reply) {
      this.unscripted.push(`${request.method} ${request.path}`);
      throw new Error(`not in the script: ${request.method} ${request.path}`);
    }
    return reply(request);
  }
}

export const date = 'Thu, 01 Jan 2026 00:00:00 GMT';

/** A whole JSON answer. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  return text(JSON.stringify(body), status, { 'content-type': 'application/json', ...headers });
}

export function text(body: string, status = 200, headers: Record<string, string> = {}): Reply {
  return () => ({
    status,
    headers: { date, ...headers },
    text: async () => body,
    async *chunks() {
      yield new TextEncoder().encode(body);
    },
  });
}

export function status(code: number, reason: string, message: string, headers: Record<string, string> = {}): Reply {
  return json({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }, code, headers);
}

/** The network's own failure, with Node's code. */
export function fails(code: string, syscall = 'read'): Reply {
  return () => {
    throw Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
  };
}

/** Nothing comes until the caller gives up. */
export const silence: Reply = ({ signal }) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

/** A watch whose events the test sends. It ends by itself only when told to. */
export class ScriptedWatch {
  #queue: (Uint8Array | 'end' | Error)[] = [];
  #wake: () => void = () => undefined;
  opened = false;
  aborted = false;

  readonly reply: Reply = ({ signal }) => {
    this.opened = true;
    signal.addEventListener('abort', () => {
      this.aborted = true;
      this.#wake();
    });
    return { status: 200, headers: { date }, text: async () => '', chunks: () => this.#chunks(signal) };
  };

  event(type: string, object: unknown): this {
    return this.raw(`${JSON.stringify({ type, object })}\n`);
  }

  raw(piece: string): this {
    return this.#push(new TextEncoder().encode(piece));
  }

  end(): this {
    return this.#push('end');
  }

  cut(code = 'ECONNRESET'): this {
    return this.#push(Object.assign(new Error(code), { code }));
  }

  #push(item: Uint8Array | 'end' | Error): this {
    this.#queue.push(item);
    this.#wake();
    return this;
  }

  async *#chunks(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for (;;) {
      signal.throwIfAborted();
      const next = this.#queue.shift();
      if (next === 'end') return;
      if (next instanceof Error) throw next;
      if (next) {
        yield next;
        continue;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
