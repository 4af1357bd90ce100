import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RawSeries } from '../../../rehearsal/sim/metrics/sample-store.ts';
import { startLogged } from '../../lab/logged-process.ts';
import { waitUntil } from '../../lab/wait-until.ts';
import { writeRequest } from './remote-write.ts';

/** A Prometheus that scrapes nothing and knows what it was given. */
export interface RealPrometheus {
  /** Remote-writes samples; those of a series must be in order. @throws Error with the server's words when it refuses */
  write(series: readonly RawSeries[]): Promise<void>;
  /** @param path below `/api/v1/` */
  ask(path: string, form: URLSearchParams): Promise<{ status: number; body: string }>;
  stop(): Promise<void>;
}

const SeriesAtOnce = 500;

/** @param binary the server, as the lab builds it */
export async function startRealPrometheus(binary: string): Promise<RealPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'promql-judge-'));
  const config = join(folder, 'prometheus.yaml');
  writeFileSync(config, 'global: {}\n');
  const address = `127.0.0.1:${await freePort()}`;
  const server = startLogged({
    name: 'prometheus',
    file: binary,
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      // The samples are of a fixed day in the past.
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=${address}`,
      '--web.enable-remote-write-receiver',
    ],
    logs: folder,
  });
  const stop = async () => {
    await server.stop(5_000);
    rmSync(folder, { recursive: true, force: true });
  };
  const isReady = async () => {
    const ending = server.ending();
    if (ending !== undefined) throw new Error(ending);
    try {
      const { ok, body } = await fetch(`http://${address}/-/ready`);
      await body?.cancel();
      return ok;
    } catch {
      // It does not listen yet.
      return false;
    }
  };
  try {
    await waitUntil('the readiness of prometheus', isReady, { deadlineMs: 20_000 });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    stop,
    write: async (series) => {
      for (let first = 0; first < series.length; first += SeriesAtOnce) {
        await post(address, writeRequest(series.slice(first, first + SeriesAtOnce)));
      }
    },
    ask: async (path, form) => {
      const answer = await fetch(`http://${address}/api/v1/${path}`, { method: 'POST', body: form });
      return { status: answer.status, body: await answer.text() };
    },
  };
}

async function post(address: string, body: Buffer): Promise<void> {
  const answer = await fetch(`http://${address}/api/v1/write`, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
    },
  });
  if (!answer.ok) throw new Error(`remote write: HTTP ${answer.status} ${await answer.text()}`);
  await answer.body?.cancel();
}

function freePort(): Promise<number> {
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
