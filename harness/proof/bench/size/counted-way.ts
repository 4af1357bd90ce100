import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { openBridge } from '../../lab/bridge.ts';
import { ADDRESSES } from '../../lab/network.ts';
import { labFiles } from '../../lab/places.ts';

/** A way to the API server of a lab that counts the bytes of its connections, as they are on the wire. */
export interface CountedWay {
  kubeconfig: string;
  sent(): number;
  received(): number;
  close(): void;
}

/** @param from the kubeconfig whose credentials are used; it names the address inside the lab */
export async function openCountedWay(stateDir: string, from: string): Promise<CountedWay> {
  const server = await openBridge({ host: '127.0.0.1', port: 0 }, { path: labFiles(stateDir).apiSocket });
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  const { port } = server.address() as AddressInfo;
  const kubeconfig = `${from}-${port}`;
  writeFileSync(kubeconfig, readFileSync(from, 'utf8').replace(ADDRESSES.api, `127.0.0.1:${port}`), { mode: 0o600 });
  const sum = (of: (socket: Socket) => number) => sockets.reduce((total, socket) => total + of(socket), 0);
  return {
    kubeconfig,
    // Seen from the bridge: what it reads is what the client sent.
    sent: () => sum(({ bytesRead }) => bytesRead),
    received: () => sum(({ bytesWritten }) => bytesWritten),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
