import { request } from 'undici';
import type { Clock } from '../model/clock.ts';
import { withDeadline } from '../network/with-deadline.ts';
import type { PrometheusAccess } from './access.ts';
import { authorizer } from './authorize.ts';
import { connectionsOf } from './connections.ts';
import { PrometheusAccessInvalid } from './prometheus-errors.ts';
import type { Endpoint, PrometheusTransport, RawAnswer } from './prometheus-transport.ts';
import type { Signable } from './sign-v4.ts';

const never = new AbortController().signal;

/** Posts queries, since PromQL outgrows what proxies allow in a URL; where posting is forbidden it gets, from then on. */
export function httpTransport(
  access: PrometheusAccess,
  { clock, env }: { clock: Clock; env: Readonly<Record<string, string | undefined>> },
): PrometheusTransport {
  const target = readUrl(access.url);
  const connections = connectionsOf(access, env);
  const authorize = authorizer(access, userOf(target), clock);
  const url = new URL(target);
  url.username = '';
  url.password = '';
  let method: 'POST' | 'GET' = 'POST';

  const attempt = (request: Signable, headers: Record<string, string>, timeoutMs: number): Promise<RawAnswer> =>
    withDeadline(clock, timeoutMs, never, (signal) => exchange({ ...request, headers }, connections(), signal));

  const send = async (by: typeof method, endpoint: Endpoint, form: URLSearchParams, timeoutMs: number) => {
    const unsigned = unsignedRequest(by, endpointUrl(url, endpoint), form, access.headers);
    const authorization = authorize();
    const answer = await attempt(unsigned, await authorization.headers(unsigned), timeoutMs);
    // Amazon answers 403 to credentials that have expired.
    const isRefused = answer.status === 401 || answer.status === 403;
    if (!isRefused || !authorization.isOutdated()) return answer;
    return await attempt(unsigned, await authorize().headers(unsigned), timeoutMs);
  };

  return {
    url: url.href.replace(/\/$/, ''),
    async ask(endpoint, form, timeoutMs) {
      const answer = await send(method, endpoint, form, timeoutMs);
      if (method === 'GET' || !(answer.status === 405 || answer.status === 403)) return answer;
      const second = await send('GET', endpoint, form, timeoutMs);
      // A 403 to both is about who asks, not about how.
      if (second.status === 405 || second.status === 403) return answer;
      method = 'GET';
      return second;
    },
  };
}

async function exchange(
  { method, url, headers, body }: Signable,
  dispatcher: ReturnType<ReturnType<typeof connectionsOf>>,
  signal: AbortSignal,
): Promise<RawAnswer> {
  const received = await request(url, {
    dispatcher,
    method,
    headers,
    signal,
    headersTimeout: 0,
    bodyTimeout: 0,
    ...(body === undefined ? {} : { body }),
  });
  return { status: received.statusCode, headers: received.headers, body: await received.body.text() };
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw PrometheusAccessInvalid.of(text, 'this is not an http, https or kubernetes URL');
  }
  url.pathname = url.pathname.replace(/\/+$/, '').replace(/\/api\/v1(\/query)?$/, '');
  return url;
}

function endpointUrl(prefix: URL, endpoint: Endpoint): URL {
  const url = new URL(prefix);
  url.pathname = `${prefix.pathname.replace(/\/$/, '')}/api/v1/${endpoint}`;
  return url;
}

function userOf({ username, password }: URL): { username: string; password: string } | undefined {
  if (username === '') return undefined;
  return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
}

function unsignedRequest(
  method: Signable['method'],
  url: URL,
  form: URLSearchParams,
  more: PrometheusAccess['headers'],
): Signable {
  const headers = { accept: 'application/json', ...more };
  if (method === 'GET') return { method, url: withQuery(url, form), headers };
  const content = { 'content-type': 'application/x-www-form-urlencoded' };
  return { method, url, headers: { ...headers, ...content }, body: form.toString() };
}

function withQuery(url: URL, form: URLSearchParams): URL {
  const full = new URL(url);
  for (const [name, value] of form) full.searchParams.set(name, value);
  // A signature takes a space for `%20`, and `+` for itself.
  full.search = full.search.replaceAll('+', '%20');
  return full;
}
