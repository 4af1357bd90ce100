import { join } from 'node:path';
import type { RawSeries } from '../../../rehearsal/sim/metrics/sample-store.ts';
import { waitUntil } from '../../lab/wait-until.ts';
import { freePort, remoteWrite, type StoreProcess, startProcesses } from './store-process.ts';

/** What answers queries and knows only what it was given. */
export interface RealStore {
  /** For `gate.prometheus`. */
  url: string;
  /** Resolves when queries find the samples; those of a series must be in order. @throws Error with the server's words */
  write(series: readonly RawSeries[]): Promise<void>;
  stop(): Promise<void>;
}

/** @param limits more flags, for what a test must run into */
export async function startVictoriaMetrics(binary: string, limits: readonly string[] = []): Promise<RealStore> {
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const { stop } = await startProcesses((folder) => {
    const args = [
      `-storageDataPath=${join(folder, 'data')}`,
      '-retentionPeriod=100y',
      `-httpListenAddr=${address}`,
      ...limits,
    ];
    return [{ name: 'victoriametrics', file: binary, args, readyUrl: `${url}/health` }];
  });
  return {
    url,
    stop,
    write: async (series) => {
      await remoteWrite(`${url}/api/v1/write`, series);
      const flushed = await fetch(`${url}/internal/force_flush`);
      if (!flushed.ok) throw new Error(`VictoriaMetrics did not flush: HTTP ${flushed.status}`);
      await flushed.body?.cancel();
    },
  };
}

/** A Thanos whose two receivers are given the same samples, as by two replicas of a Prometheus. */
export interface RealThanos extends RealStore {
  /** One that answers with the series of both replicas. */
  urlWithCopies: string;
  /** Ends one of the two receivers for good. */
  loseReceiver(): Promise<void>;
}

export async function startThanos(binary: string): Promise<RealThanos> {
  const port = async () => `127.0.0.1:${await freePort()}`;
  const receivers = await Promise.all(
    ['a', 'b'].map(async (replica) => ({
      replica,
      grpc: await port(),
      http: await port(),
      write: await port(),
      capnproto: await port(),
    })),
  );
  const queriers = await Promise.all(
    [['--query.replica-label=receive_replica'], []].map(async (flags) => ({
      flags,
      grpc: await port(),
      http: await port(),
    })),
  );
  const { stop, stopOne } = await startProcesses((folder) => [
    ...receivers.map(({ replica, grpc, http, write, capnproto }): StoreProcess => {
      const data = join(folder, `receive-${replica}`);
      const args = [
        'receive',
        `--tsdb.path=${data}`,
        '--tsdb.retention=0d',
        `--label=receive_replica="${replica}"`,
        `--grpc-address=${grpc}`,
        `--http-address=${http}`,
        `--remote-write.address=${write}`,
        `--receive.capnproto-address=${capnproto}`,
      ];
      return { name: `receive-${replica}`, file: binary, args, readyUrl: `http://${http}/-/ready` };
    }),
    ...queriers.map(({ flags, grpc, http }, index): StoreProcess => {
      const endpoints = receivers.map((receiver) => `--endpoint-strict=${receiver.grpc}`);
      const args = ['query', `--grpc-address=${grpc}`, `--http-address=${http}`, ...endpoints, ...flags];
      return { name: `query-${index}`, file: binary, args, readyUrl: `http://${http}/-/ready` };
    }),
  ]);
  const [url = '', urlWithCopies = ''] = queriers.map(({ http }) => `http://${http}`);
  return {
    url,
    urlWithCopies,
    stop,
    loseReceiver: () => stopOne('receive-b'),
    write: async (series) => {
      for (const { write } of receivers) await remoteWrite(`http://${write}/api/v1/receive`, series);
      // A querier asks a receiver only about the times that it last heard of.
      for (const querier of [url, urlWithCopies])
        await waitUntil('the samples of both receivers', () => hasBoth(querier, series), { deadlineMs: 60_000 });
    },
  };
}

async function hasBoth(querier: string, [first]: readonly RawSeries[]): Promise<boolean> {
  if (first === undefined) return true;
  const query = `count by (receive_replica) ({__name__="${first.labels['__name__']}"})`;
  const form = new URLSearchParams({ query, time: String((first.points[0]?.at ?? 0) / 1_000), dedup: 'false' });
  const answer = await fetch(`${querier}/api/v1/query?${form}`);
  const { data } = (await answer.json()) as { data?: { result: readonly unknown[] } };
  return data?.result.length === 2;
}
