import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RawSeries } from '../../../rehearsal/sim/metrics/sample-store.ts';
import { type LoggedProcess, startLogged } from '../../lab/logged-process.ts';
import { waitUntil } from '../../lab/wait-until.ts';
import { writeRequest } from './remote-write.ts';

/** One process of a store, and how it is asked whether it is ready. */
export interface StoreProcess {
  name: string;
  file: string;
  args: readonly string[];
  /** Answers 200 when it is. */
  readyUrl: string;
}

/**
 * Starts the processes of a store, one after the other.
 * @param of what they are, by the folder that may keep their data
 * @returns what stops one of them, and what stops all and removes the folder
 */
export async function startProcesses(of: (folder: string) => readonly StoreProcess[]): Promise<{
  stop(): Promise<void>;
  stopOne(name: string): Promise<void>;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'promql-judge-'));
  const started: LoggedProcess[] = [];
  const stop = async () => {
    await Promise.all(started.map((process) => process.stop(5_000)));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const { name, file, args, readyUrl } of of(folder)) {
      const process = startLogged({ name, file, args, logs: folder });
      started.push(process);
      await waitUntil(`the readiness of ${name}`, () => isReady(process, readyUrl), { deadlineMs: 60_000 });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const stopOne = async (name: string) => {
    await started.find((process) => process.name === name)?.stop(5_000);
  };
  return { stop, stopOne };
}

async function isReady(process: LoggedProcess, url: string): Promise<boolean> {
  const ending = process.ending();
  if (ending !== undefined) throw new Error(ending);
  try {
    const { ok, body } = await fetch(url);
    await body?.cancel();
    return ok;
  } catch {
    // It does not listen yet.
    return false;
  }
}

const SeriesAtOnce = 500;

/** Samples of a series must be in order. @throws Error with the server's words when it refuses */
export async function remoteWrite(url: string, series: readonly RawSeries[]): Promise<void> {
  for (let first = 0; first < series.length; first += SeriesAtOnce) {
    const answer = await fetch(url, {
      method: 'POST',
      body: new Uint8Array(writeRequest(series.slice(first, first + SeriesAtOnce))),
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
      },
    });
    if (!answer.ok) throw new Error(`remote write: HTTP ${answer.status} ${await answer.text()}`);
    await answer.body?.cancel();
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (typeof address === 'object' && address) resolve(address.port);
        else reject(new Error('no port on 127.0.0.1'));
      });
    });
  });
}
