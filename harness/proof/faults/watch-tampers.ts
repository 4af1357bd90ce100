import type { TransportResponse } from '../../../src/kubernetes/transport.ts';
import type { Sim } from '../../rehearsal/sim/create-sim.ts';
import type { Tamper } from './tamper.ts';
import { isWatch } from './writers.ts';

/** The bytes of watches are lost from now on, and after a while the connections end, as they do when a line is cut. */
export function dropWatchEvents(sim: Sim, forMs: number): Tamper {
  let isDropping = true;
  sim.in(forMs, () => {
    sim.transport.watches.endAll();
    // What was under way at the end of the line is lost as well; the next watch asks from where the client is.
    sim.in(20, () => {
      isDropping = false;
    });
  });
  return {
    onResponse: (request, response) =>
      isWatch(request) ? throughChunks(response, (chunks) => swallowed(chunks, () => isDropping)) : response,
  };
}

async function* swallowed(chunks: AsyncIterable<Uint8Array>, isDropping: () => boolean): AsyncGenerator<Uint8Array> {
  let isBroken = false;
  for await (const chunk of chunks) {
    isBroken ||= isDropping();
    if (!isBroken) yield chunk;
  }
}

/** Every event comes twice, and now and then an old one once more behind newer ones. */
export function duplicateWatchEvents(isOn: () => boolean): Tamper {
  return {
    onResponse: (request, response) =>
      isWatch(request) ? throughChunks(response, (chunks) => duplicated(chunks, isOn)) : response,
  };
}

async function* duplicated(chunks: AsyncIterable<Uint8Array>, isOn: () => boolean): AsyncGenerator<Uint8Array> {
  let older = '';
  for await (const lines of wholeLines(chunks)) {
    const whole = lines.join('');
    yield Buffer.from(isOn() ? `${whole}${whole}${older}` : whole);
    older = whole;
  }
}

/** Watches never say anything about objects of this name: the cache behind them has missed these. Lists show them. */
export function hideFromWatches(name: string): Tamper {
  const isHidden = (line: string) => line.includes(`"name":"${name}"`);
  return {
    onResponse: (request, response) =>
      isWatch(request) ? throughChunks(response, (chunks) => without(chunks, isHidden)) : response,
  };
}

async function* without(
  chunks: AsyncIterable<Uint8Array>,
  isHidden: (line: string) => boolean,
): AsyncGenerator<Uint8Array> {
  for await (const lines of wholeLines(chunks)) {
    const left = lines.filter((line) => !isHidden(line)).join('');
    if (left !== '') yield Buffer.from(left);
  }
}

async function* wholeLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const chunk of chunks) {
    const lines = (pending + decoder.decode(chunk, { stream: true })).split('\n');
    pending = lines.pop() ?? '';
    if (lines.length > 0) yield lines.map((line) => `${line}\n`);
  }
}

function throughChunks(
  response: TransportResponse,
  through: (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): TransportResponse {
  return { ...response, chunks: () => through(response.chunks()) };
}

/** The server forgets its history and ends every watch: a client that resumes gets 410. */
export function compactAndEndWatches(sim: Sim): void {
  sim.store.compact();
  sim.transport.watches.endAll();
}

/** While it is on, a list says what it said the last time, as an API server does whose cache lags behind. */
export function staleLists(isOn: () => boolean): Tamper {
  const last = new Map<string, string>();
  return {
    onResponse: (request, response) => {
      const { method, path } = request;
      if (method !== 'GET' || isWatch(request) || !/[?&]limit=/.test(path) || response.status !== 200) return response;
      return {
        ...response,
        text: async () => {
          const stale = last.get(path);
          const text = await response.text();
          if (isOn() && stale !== undefined) return stale;
          last.set(path, text);
          return text;
        },
      };
    },
  };
}
