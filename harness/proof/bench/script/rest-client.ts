import type { Transport, TransportRequest, TransportResponse } from '../../../../src/kubernetes/transport.ts';
import type { Clock } from '../../../../src/model/clock.ts';

interface RestOptions {
  body?: unknown;
  contentType?: string;
  signal?: AbortSignal;
}

/** A refusal in the server's words. */
class Refused extends Error {
  override readonly name = 'Refused';
}

const retriesMax = 10;

/** Requests as kubectl makes them: what says `Retry-After` is tried again, everything else is reported at once. */
export class RestClient {
  readonly #transport: Transport;
  readonly #clock: Clock;

  constructor(transport: Transport, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  /** @throws Refused for an answer that is no success; the network's own error */
  async json<T>(method: TransportRequest['method'], path: string, options: RestOptions = {}): Promise<T> {
    const response = await this.open(method, path, options);
    return JSON.parse(await response.text()) as T;
  }

  /** @throws as `json` */
  async open(method: TransportRequest['method'], path: string, options: RestOptions = {}): Promise<TransportResponse> {
    const response = await this.#ask(method, path, options);
    if (response.status < 400) return response;
    throw new Refused(`Error from server: ${messageIn(await response.text())}`);
  }

  async #ask(
    method: TransportRequest['method'],
    path: string,
    { body, contentType = 'application/json', signal = new AbortController().signal }: RestOptions = {},
  ): Promise<TransportResponse> {
    const request: TransportRequest = {
      method,
      path,
      headers: {
        accept: 'application/json',
        'user-agent': 'kubectl/v1.36.3',
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    for (let retries = 0; ; retries++) {
      const response = await this.#transport.send(request);
      const after = Number(response.headers['retry-after']);
      const isWorthwhile = (response.status === 429 || response.status >= 500) && Number.isFinite(after);
      if (!isWorthwhile || retries === retriesMax) return response;
      await this.#clock.sleep(after * 1000, signal);
    }
  }
}

function messageIn(text: string): string {
  try {
    const { message = text } = JSON.parse(text) as { message?: string };
    return message;
  } catch {
    return text;
  }
}
