import { Agent, request } from 'undici';

/** An answer of the API server that is not a success. */
export class ApiAnswer extends Error {
  override readonly name = 'ApiAnswer';
  readonly status: number;
  constructor(method: string, path: string, status: number, body: string) {
    super(`${method} ${path}: ${status} ${body.slice(0, 500)}`);
    this.status = status;
  }
}

export interface WatchEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: T;
}

const PATCH_TYPES = {
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** The few calls that the lab's own kubelet makes. Independent of the product's client, which the lab is there to test. */
export class ApiClient {
  readonly #server: string;
  readonly #token: string;
  readonly #agent: Agent;

  constructor({ server, token, ca }: { server: string; token: string; ca: string }) {
    this.#server = server;
    this.#token = token;
    this.#agent = new Agent({ connect: { ca } });
  }

  async get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return JSON.parse(await this.#text('GET', path, undefined, undefined, signal)) as T;
  }

  /** @throws ApiAnswer while the server is not ready; the network's error while it does not listen */
  async expectReady(): Promise<void> {
    await this.#text('GET', '/readyz');
  }

  async post(path: string, body: unknown): Promise<void> {
    await this.#text('POST', path, JSON.stringify(body), 'application/json');
  }

  async patch(path: string, type: keyof typeof PATCH_TYPES, body: unknown): Promise<void> {
    await this.#text('PATCH', path, JSON.stringify(body), PATCH_TYPES[type]);
  }

  async delete(path: string, body?: unknown): Promise<void> {
    await this.#text('DELETE', path, body === undefined ? undefined : JSON.stringify(body), 'application/json');
  }

  /** Events until the server ends the stream. */
  async *watch<T>(path: string, signal: AbortSignal): AsyncIterable<WatchEvent<T>> {
    const { statusCode, body } = await this.#send('GET', path, undefined, undefined, signal);
    if (statusCode !== 200) throw new ApiAnswer('GET', path, statusCode, await body.text());
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of body) {
      rest += decoder.decode(chunk as Uint8Array, { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as WatchEvent<T>;
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #text(method: string, path: string, body?: string, contentType?: string, signal?: AbortSignal) {
    const bounded = AbortSignal.any([AbortSignal.timeout(15_000), ...(signal ? [signal] : [])]);
    const response = await this.#send(method, path, body, contentType, bounded);
    const text = await response.body.text();
    if (response.statusCode >= 300) throw new ApiAnswer(method, path, response.statusCode, text);
    return text;
  }

  #send(method: string, path: string, body: string | undefined, contentType: string | undefined, signal: AbortSignal) {
    return request(`${this.#server}${path}`, {
      method: method as 'GET',
      dispatcher: this.#agent,
      headers: {
        authorization: `Bearer ${this.#token}`,
        accept: 'application/json',
        ...(contentType && { 'content-type': contentType }),
      },
      ...(body !== undefined && { body }),
      bodyTimeout: 0,
      signal,
    });
  }
}
