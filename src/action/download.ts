import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type Dispatcher, interceptors, request } from 'undici';
import { dispatcherFor } from '../network/dispatcher-for.ts';
import { classifyNetworkFailure } from '../network/network-failure.ts';
import { learnSecretsOfUrl } from '../secrecy/hide-secrets.ts';
import { IstioctlDownloadFailed } from './action-errors.ts';
import type { Environment } from './environment.ts';

export interface Downloads {
  /** @returns the body, as text */
  read(url: string): Promise<string>;
  /** Writes it to the file, which must not exist. @returns its SHA-256 sum in hexadecimal digits */
  save(url: string, file: string): Promise<string>;
  close(): Promise<void>;
}

export interface DownloadOptions {
  /** Aborts everything, also a request that gets no answer: `downloadTool` of @actions/tool-cache cannot be stopped. */
  signal: AbortSignal;
  /** For `https_proxy` and `no_proxy`. */
  env: Environment;
  /** Waits before another attempt. */
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

const pausesMs = [2_000, 8_000];
/** A release on GitHub is redirected once, a mirror's gateway may add some. */
const maxRedirections = 5;

/**
 * Fetches over HTTP; a failure that may be temporary (no connection, a broken one, 408, 429, 5xx) is retried, three attempts in all.
 * @throws UpgradeError ISTIOCTL_DOWNLOAD_FAILED
 */
export function createDownloads({ signal, env, pause }: DownloadOptions): Downloads {
  const proxied = dispatcherFor({}, undefined, env);
  const dispatcher = proxied.compose(interceptors.redirect({ maxRedirections }));

  const patiently = async <T>(url: string, use: (body: Body) => Promise<T>): Promise<T> => {
    const { target, headers } = readUrl(url);
    for (let attempt = 0; ; attempt += 1) {
      try {
        const { statusCode, body } = await request(target, { dispatcher, headers, signal });
        if (statusCode === 200) return await use(body);
        await body.dump();
        throw new UnexpectedStatus(statusCode);
      } catch (failure) {
        const pauseMs = pausesMs[attempt];
        if (signal.aborted || pauseMs === undefined || !mayPass(failure)) {
          throw IstioctlDownloadFailed.because(failure, target.href, reasonOf(failure, signal));
        }
        await pause(pauseMs, signal).catch((reason: unknown) => {
          throw IstioctlDownloadFailed.because(reason, target.href, reasonOf(failure, signal));
        });
      }
    }
  };

  return {
    read: (url) => patiently(url, (body) => text(body)),
    save: (url, file) =>
      patiently(url, async (body) => {
        const hash = createHash('sha256');
        const hashed = async function* (chunks: AsyncIterable<Uint8Array>) {
          for await (const chunk of chunks) {
            hash.update(chunk);
            yield chunk;
          }
        };
        await pipeline(body, hashed, createWriteStream(file), { signal });
        return hash.digest('hex');
      }),
    close: () => proxied.destroy(),
  };
}

type Body = Dispatcher.ResponseData['body'];

class UnexpectedStatus extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the server answers with status ${status}`);
    this.status = status;
  }
}

/** Mirrors behind a login are written with user and password in the URL; messages must show neither. */
function readUrl(text: string): { target: URL; headers: Record<string, string> } {
  const target = new URL(text);
  learnSecretsOfUrl(text);
  const { username, password } = target;
  target.username = '';
  target.password = '';
  if (username === '') return { target, headers: {} };
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { target, headers: { authorization: `Basic ${Buffer.from(user).toString('base64')}` } };
}

const mayPass = (failure: unknown): boolean =>
  !(failure instanceof UnexpectedStatus) || failure.status >= 500 || failure.status === 408 || failure.status === 429;

function reasonOf(failure: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'it was not complete before the timeout';
  return failure instanceof UnexpectedStatus ? failure.message : classifyNetworkFailure(failure).detail;
}
