import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { TransportRequest, TransportResponse } from '../../../../src/kubernetes/transport.ts';
import { messageOf } from '../../../../src/model/upgrade-error.ts';
import { internalError, methodNotAllowed, StatusFailure } from '../api-server/status-failure.ts';
import type { Sim } from '../create-sim.ts';
import { answerIstioctl, istioctlPath } from './istioctl-endpoint.ts';
import type { Pace } from './pace.ts';

/** As long as Go's HTTP client keeps an idle connection. */
const KeepAliveMs = 90_000;
const Methods: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

export interface HttpFrontOptions {
  sim: Sim;
  pace: Pace;
  /** Who brings another is not let in. */
  token: string;
  /** 0 takes a free one. */
  port: number;
}

/** The simulator's API server and istioctl behind a socket of this machine: plain HTTP/1.1, one user. */
export class HttpFront {
  /** Requests to the API server that were let in, watches included. */
  requests = 0;
  readonly #server: Server;
  readonly #options: HttpFrontOptions;
  readonly #closing = new AbortController();

  private constructor(options: HttpFrontOptions) {
    this.#options = options;
    this.#server = createServer({ keepAliveTimeout: KeepAliveMs, requestTimeout: 0 }, (incoming, outgoing) => {
      void this.#serve(incoming, outgoing);
    });
  }

  /** @throws the system's own error when the port is taken */
  static async listen(options: HttpFrontOptions): Promise<HttpFront> {
    const front = new HttpFront(options);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    front.#server.once('error', reject).listen(options.port, '127.0.0.1', resolve);
    await promise;
    return front;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Closes open connections and accepts no new ones. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the served simulator was closed'));
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort(new Error('the client went away')));
    const signal = AbortSignal.any([gone.signal, this.#closing.signal]);
    try {
      await send(outgoing, await this.#answer(incoming, signal));
    } catch (failure) {
      // The client is gone, so the failure has no reader.
      if (signal.aborted) return;
      // A request that is lost on its way gets no answer, and neither does the rest of one whose head was sent.
      if (hasCode(failure) || outgoing.headersSent) {
        outgoing.destroy();
        return;
      }
      await send(
        outgoing,
        this.#failed(failure instanceof StatusFailure ? failure : internalError(messageOf(failure))),
      );
    }
  }

  async #answer(incoming: IncomingMessage, signal: AbortSignal): Promise<TransportResponse> {
    const { sim, pace, token } = this.#options;
    const { method = '', url = '/', headers } = incoming;
    // kubectl keeps its token to itself where there is no TLS, so who shows none is let in.
    const { authorization } = headers;
    if (authorization !== undefined && authorization !== `Bearer ${token}`)
      throw new StatusFailure(401, 'Unauthorized', 'Unauthorized');
    if (!isMethod(method)) throw methodNotAllowed();
    const body = await text(incoming);
    if (url.startsWith(istioctlPath)) return await answerIstioctl(sim, pace, url, body);
    this.requests += 1;
    const request: TransportRequest = {
      method,
      path: url,
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      ...(body === '' ? {} : { body }),
      signal,
    };
    return await pace.during(() => sim.transport.send(request));
  }

  #failed({ status }: StatusFailure): TransportResponse {
    const body = JSON.stringify(status);
    const date = new Date(this.#options.sim.clock.now()).toUTCString();
    return {
      status: status.code,
      headers: { 'content-type': 'application/json', date },
      text: async () => body,
      async *chunks() {
        yield Buffer.from(body);
      },
    };
  }
}

/** Chunk by chunk, as it arrives; a watch's head goes out before its first event. */
async function send(outgoing: ServerResponse, { status, headers, chunks }: TransportResponse): Promise<void> {
  outgoing.writeHead(status, headers);
  outgoing.flushHeaders();
  await pipeline(Readable.from(chunks()), outgoing);
}

const isMethod = (method: string): method is TransportRequest['method'] => Methods.has(method);

/** What the simulated network throws has the system's codes. */
const hasCode = (failure: unknown): boolean => failure instanceof Error && 'code' in failure;
