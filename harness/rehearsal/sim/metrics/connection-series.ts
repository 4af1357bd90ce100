import { type Connections, connectionsOf } from './connections.ts';
import type { Series } from './exported-series.ts';
import type { Life } from './lives.ts';
import { peerLabels, peersOf, reportersOf } from './peers.ts';
import type { Traffic } from './traffic.ts';

/** What is counted of connections, with the labels that each connection gets once: those of its end if it is short. */
export function connectionCounters(
  traffic: Traffic,
  life: Life,
  until: (connections: Connections, at: number) => number,
): Series[] {
  return reportersOf(life).flatMap((reporter) =>
    connectionsOf(traffic.settingsOf(life), life, reporter).flatMap((connections) => {
      const peers = peersOf(traffic, life, reporter);
      return peers.map((peer) => ({
        labels: { ...peerLabels(life, reporter, peer, connections), request_protocol: 'tcp' },
        valueAt: (at: number) => Math.floor(until(connections, at) / peers.length) || undefined,
      }));
    }),
  );
}
