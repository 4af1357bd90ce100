import type { z } from 'zod';
import type { Clock } from '../model/clock.ts';
import { UpgradeError } from '../model/upgrade-error.ts';
import { classifyNetworkFailure } from '../network/network-failure.ts';
import { withDeadline } from '../network/with-deadline.ts';
import { ClusterAnswerUnreadable, ClusterUnauthorized, ClusterUnreachable } from './cluster-errors.ts';
import { delayBeforeRepeat, type Failure, isAmbiguous } from './retry.ts';
import { ServerClock } from './server-clock.ts';
import { AmbiguousWrite, excerpt, parseJson, statusErrorOf } from './status-error.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'proxy';

export interface Limits {
  requestMs: number;
  listMs: number;
  /** How long a request is repeated in all; the shorter time counts while the server has never answered. */
  repeatForMs: number;
  firstContactMs: number;
  pageSize: number;
  /** The server ends a watch after this; it is then resumed. */
  watchSeconds: number;
  /**
   * A watch that receives no byte for this long is closed and opened again. A server sends a bookmark every minute, except for kinds
   * of which nothing has changed since the server started.
   */
  watchIdleMs: number;
  /** How long a mirror may be served without contact to the server. */
  staleMs: number;
  accessReviewsAtOnce: number;
}

const defaultLimits: Limits = {
  requestMs: 30_000,
  listMs: 60_000,
  repeatForMs: 30_000,
  firstContactMs: 3_000,
  pageSize: 500,
  watchSeconds: 290,
  watchIdleMs: 90_000,
  staleMs: 60_000,
  accessReviewsAtOnce: 8,
};

export interface ClientOptions {
  clock: Clock;
  userAgent: string;
  /** For messages, for example `https://10.0.0.1:6443`. */
  server?: string;
  limits?: Partial<Limits>;
  /** For jitter; 0 to 1. */
  random?: () => number;
}

export interface Call {
  verb: Verb;
  method: TransportRequest['method'];
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
  /** Whether sending it twice does no harm. A write that is not is never repeated after it may have arrived. */
  repeatable: boolean;
}

interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  text: string;
}

const accept = { accept: 'application/json' };
const never = new AbortController().signal;

/** Requests with deadlines, safe retries and typed failures: what is the same for all verbs. */
export class ApiClient {
  readonly requests: Record<string, number> = {};
  readonly clock: Clock;
  readonly limits: Limits;
  readonly random: () => number;
  readonly server: string;
  readonly #transport: Transport;
  readonly #userAgent: string;
  readonly #serverClock: ServerClock;
  readonly #closing = new AbortController();

  constructor(transport: Transport, { clock, userAgent, server, limits, random }: ClientOptions) {
    this.#transport = transport;
    this.#userAgent = userAgent;
    this.#serverClock = new ServerClock(clock);
    this.clock = clock;
    this.limits = { ...defaultLimits, ...limits };
    this.random = random ?? Math.random;
    this.server = server ?? 'The API server';
  }

  /** Aborts when the cluster is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  now(): number {
    return this.#serverClock.now();
  }

  close(): void {
    this.#closing.abort(new Error('the connection to the cluster was closed'));
  }

  /**
   * @returns the body of a successful answer
   * @throws StatusError, AmbiguousWrite, UpgradeError CLUSTER_UNREACHABLE, CLUSTER_UNAUTHORIZED, CLUSTER_ANSWER_UNREADABLE
   */
  async call<T>(call: Call, schema: z.ZodType<T>): Promise<T> {
    const answer = await this.#untilAnswered(call);
    const parsed = schema.safeParse(parseJson(answer.text));
    if (parsed.success) return parsed.data;
    const unreadable = ClusterAnswerUnreadable.because(parsed.error, this.server, what(call), excerpt(answer.text));
    throw call.repeatable ? unreadable : new AmbiguousWrite(call.method, call.path, unreadable);
  }

  /** Opens a watch: resolves when the head has arrived; the body continues until `signal`. One attempt; the mirror decides about retries. */
  async open(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<TransportResponse> {
    const running = new AbortController();
    const stop = () => running.abort(signal.reason);
    signal.throwIfAborted();
    // The deadline is for the head only, so the request has its own signal.
    signal.addEventListener('abort', stop, { once: true });
    const sentAt = this.clock.now();
    this.#count('watch');
    const response = await withDeadline(this.clock, this.limits.requestMs, signal, (inTime) => {
      const late = () => running.abort(inTime.reason);
      inTime.addEventListener('abort', late, { once: true });
      const request = this.#request({ method: 'GET', path, headers }, running.signal);
      return this.#transport.send(request).finally(() => inTime.removeEventListener('abort', late));
    });
    this.#serverClock.learn(response.headers['date'], sentAt);
    if (response.status < 400) return response;
    throw statusErrorOf(response.status, await response.text(), response.headers['retry-after'], `watch ${path}`);
  }

  /** One attempt, any status. Only for the service proxy, where an error status is the answer of the service itself. */
  async once(call: Call, timeoutMs: number, signal: AbortSignal = never): Promise<Answer> {
    try {
      return await this.#attempt(call, timeoutMs, signal);
    } catch (error) {
      signal.throwIfAborted();
      this.#closing.signal.throwIfAborted();
      if (error instanceof UpgradeError) throw error;
      throw ClusterUnreachable.because(error, this.server, classifyNetworkFailure(error));
    }
  }

  async #untilAnswered(call: Call): Promise<Answer> {
    const timeoutMs = call.verb === 'list' ? this.limits.listMs : this.limits.requestMs;
    const startedAt = this.clock.now();
    for (let attempt = 1; ; attempt++) {
      const failure = await this.#tryOnce(call, timeoutMs);
      if (!('status' in failure) && !('network' in failure)) return failure.answer;
      const budget = this.#serverClock.known ? this.limits.repeatForMs : this.limits.firstContactMs;
      const leftMs = startedAt + budget - this.clock.now();
      const delay = delayBeforeRepeat(failure, { repeatable: call.repeatable, attempt, leftMs, random: this.random });
      if (delay === undefined) throw this.#errorOf(call, failure);
      await this.clock.sleep(delay, this.#closing.signal);
    }
  }

  async #tryOnce(call: Call, timeoutMs: number): Promise<{ answer: Answer } | Failure> {
    try {
      const answer = await this.#attempt(call, timeoutMs, never);
      if (answer.status < 300) return { answer };
      return { status: statusErrorOf(answer.status, answer.text, answer.headers['retry-after'], what(call)) };
    } catch (error) {
      this.#closing.signal.throwIfAborted();
      // An error of the transport about credentials is not a failure of the network.
      if (error instanceof UpgradeError) throw error;
      return { network: classifyNetworkFailure(error), error };
    }
  }

  async #attempt(call: Call, timeoutMs: number, signal: AbortSignal): Promise<Answer> {
    const sentAt = this.clock.now();
    this.#count(call.verb);
    const outer = signal === never ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    return withDeadline(this.clock, timeoutMs, outer, async (inTime) => {
      const response = await this.#transport.send(this.#request(call, inTime));
      this.#serverClock.learn(response.headers['date'], sentAt);
      return { status: response.status, headers: response.headers, text: await response.text() };
    });
  }

  #errorOf(call: Call, failure: Failure): Error {
    if ('status' in failure && failure.status.code === 401) {
      return ClusterUnauthorized.because(failure.status, this.server, failure.status.message);
    }
    if (!call.repeatable && isAmbiguous(failure)) {
      return new AmbiguousWrite(call.method, call.path, 'status' in failure ? failure.status : failure.error);
    }
    if ('status' in failure) return failure.status;
    return ClusterUnreachable.because(failure.error, this.server, failure.network);
  }

  #request({ method, path, headers, body }: Omit<Call, 'verb' | 'repeatable'>, signal: AbortSignal): TransportRequest {
    const content = body === undefined ? {} : { 'content-type': 'application/json' };
    return {
      method,
      path,
      headers: { ...accept, ...content, 'user-agent': this.#userAgent, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    };
  }

  #count(verb: Verb): void {
    this.requests[verb] = (this.requests[verb] ?? 0) + 1;
  }
}

const what = ({ method, path }: Call) => `${method} ${path}`;
