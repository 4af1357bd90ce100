import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { openBridge } from './bridge.ts';
import { ADDRESSES } from './network.ts';
import { labFiles } from './places.ts';

/** A lab as seen from outside its network, on ports of this process. */
export interface Reach {
  kubeconfig: string;
  prometheusUrl: string;
  close(): void;
}

export async function openReach(stateDir: string): Promise<Reach> {
  const { apiSocket, prometheusSocket, kubeconfig } = labFiles(stateDir);
  const here = { host: '127.0.0.1', port: 0 };
  const api = await openBridge(here, { path: apiSocket });
  const prometheus = await openBridge(here, { path: prometheusSocket });
  // One file per port: several processes may look into one lab.
  const outside = join(stateDir, `kubeconfig-${portOf(api)}`);
  const text = readFileSync(kubeconfig, 'utf8').replace(ADDRESSES.api, `127.0.0.1:${portOf(api)}`);
  writeFileSync(outside, text, { mode: 0o600 });
  return {
    kubeconfig: outside,
    prometheusUrl: `http://127.0.0.1:${portOf(prometheus)}`,
    close: () => {
      api.close();
      prometheus.close();
    },
  };
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;
