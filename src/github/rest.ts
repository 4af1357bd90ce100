import { type Dispatcher, request } from 'undici';
import * as z from 'zod';
import { dispatcherFor } from '../network/dispatcher-for.ts';
import { GitHubRefused } from '../ports/github.ts';

export interface RestOptions {
  /** As GITHUB_API_URL says: `https://api.github.com`, or the one of an Enterprise Server. */
  apiUrl: string;
  token: string;
  /** For `https_proxy` and `no_proxy`. */
  env: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
}

export interface Rest {
  send<T>(method: 'GET' | 'POST' | 'PATCH', path: string, schema: z.ZodType<T>, body?: object): Promise<T>;
  /** All pages of a list, as far as anybody would look. */
  list<T>(path: string, schema: z.ZodType<T>): Promise<T[]>;
  close(): Promise<void>;
}

const perPage = 100;
const pagesMax = 10;
const refusal = z.object({ message: z.string() });

/** GitHub's REST API; the few calls that we need are on every server since many years, so no version is asked for. */
export function createRest({ apiUrl, token, env, signal }: RestOptions): Rest {
  const dispatcher = dispatcherFor({}, undefined, env);
  const send: Rest['send'] = async (method, path, schema, body) => {
    const { statusCode, body: answer } = await request(`${apiUrl.replace(/\/+$/, '')}${path}`, {
      method,
      dispatcher,
      signal,
      headers: headersFor(token),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (statusCode >= 200 && statusCode < 300) return schema.parse(await answer.json());
    throw new GitHubRefused(statusCode, `${method} ${path}`, await whyOf(answer));
  };
  return {
    send,
    async list<T>(path: string, schema: z.ZodType<T>) {
      const all: T[] = [];
      for (let page = 1; page <= pagesMax; page += 1) {
        const mark = path.includes('?') ? '&' : '?';
        const some = await send('GET', `${path}${mark}per_page=${perPage}&page=${page}`, z.array(schema));
        all.push(...some);
        if (some.length < perPage) break;
      }
      return all;
    },
    close: () => dispatcher.close(),
  };
}

const headersFor = (token: string) => ({
  authorization: `Bearer ${token}`,
  accept: 'application/vnd.github+json',
  'content-type': 'application/json',
  'user-agent': 'istio-canary-upgrade',
});

/** A proxy in between answers in HTML. */
async function whyOf(answer: Dispatcher.ResponseData['body']): Promise<string> {
  const text = await answer.text();
  try {
    return refusal.parse(JSON.parse(text)).message.slice(0, 300);
  } catch {
    return '';
  }
}
