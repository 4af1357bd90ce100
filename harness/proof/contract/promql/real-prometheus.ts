import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RealStore } from './real-store.ts';
import { freePort, remoteWrite, startProcesses } from './store-process.ts';

/** A Prometheus that scrapes nothing and knows what it was given. */
export interface RealPrometheus extends RealStore {
  /** @param path below `/api/v1/` */
  ask(path: string, form: URLSearchParams): Promise<{ status: number; body: string }>;
}

/** @param binary the server, as the lab builds it */
export async function startRealPrometheus(binary: string): Promise<RealPrometheus> {
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const { stop } = await startProcesses((folder) => {
    const config = join(folder, 'prometheus.yaml');
    writeFileSync(config, 'global: {}\n');
    const args = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      // The samples are of a fixed day in the past.
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=${address}`,
      '--web.enable-remote-write-receiver',
    ];
    return [{ name: 'prometheus', file: binary, args, readyUrl: `${url}/-/ready` }];
  });
  return {
    url,
    stop,
    write: (series) => remoteWrite(`${url}/api/v1/write`, series),
    ask: async (path, form) => {
      const answer = await fetch(`${url}/api/v1/${path}`, { method: 'POST', body: form });
      return { status: answer.status, body: await answer.text() };
    },
  };
}
