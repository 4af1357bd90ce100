import { request } from 'undici';
import type { Clock } from '../model/clock.ts';
import { dispatcherFor } from '../network/dispatcher-for.ts';
import { withDeadline } from '../network/with-deadline.ts';
import type { PrometheusAccess } from './access.ts';
import { PrometheusAccessInvalid } from './prometheus-errors.ts';
import type { Endpoint, PrometheusTransport, RawAnswer } from './prometheus-transport.ts';

const never = new AbortController().signal;

/** Posts queries, since PromQL outgrows what proxies allow in a URL; where posting is forbidden it gets, from then on. */
export function httpTransport(
  access: PrometheusAccess,
  { clock, env }: { clock: Clock; env: Readonly<Record<string, string | undefined>> },
): PrometheusTransport {
  const target = readUrl(access.url);
  const { ca, cert, key, insecureSkipVerify } = access;
  const tls = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(insecureSkipVerify ? { rejectUnauthorized: false as const } : {}),
  };
  const dispatcher = dispatcherFor(tls, undefined, env);
  const headers = { accept: 'application/json', ...authorization(access, target), ...access.headers };
  const url = new URL(target);
  url.username = '';
  url.password = '';
  let method: 'POST' | 'GET' = 'POST';

  const send = (by: typeof method, endpoint: Endpoint, form: URLSearchParams, timeoutMs: number): Promise<RawAnswer> =>
    withDeadline(clock, timeoutMs, never, async (signal) => {
      const to = endpointUrl(url, endpoint);
      const common = { dispatcher, method: by, signal, headersTimeout: 0, bodyTimeout: 0 } as const;
      const content = { 'content-type': 'application/x-www-form-urlencoded' };
      const {
        statusCode,
        headers: received,
        body,
      } = await (by === 'POST'
        ? request(to, { ...common, headers: { ...headers, ...content }, body: form.toString() })
        : request(withQuery(to, form), { ...common, headers }));
      return { status: statusCode, headers: received, body: await body.text() };
    });

  return {
    url: url.href,
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

function authorization({ bearerToken, basicAuth }: PrometheusAccess, url: URL): Record<string, string> {
  if (bearerToken !== undefined) return { authorization: `Bearer ${bearerToken.trim()}` };
  const user =
    basicAuth ??
    (url.username
      ? { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }
      : undefined);
  if (!user) return {};
  return { authorization: `Basic ${Buffer.from(`${user.username}:${user.password}`).toString('base64')}` };
}

function withQuery(url: URL, form: URLSearchParams): URL {
  const full = new URL(url);
  for (const [name, value] of form) full.searchParams.set(name, value);
  return full;
}
