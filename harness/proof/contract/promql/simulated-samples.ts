import { createSim, type Sim } from '../../../rehearsal/sim/create-sim.ts';
import type { SampleStore } from '../../../rehearsal/sim/metrics/sample-store.ts';
import { T0 } from './made-samples.ts';
import { shifted } from './stores.ts';

const Minute = 60_000;

/**
 * What the simulator's Prometheus would have scraped in twenty eventful minutes, as if they had begun at `T0`: failing
 * requests and TCP connections, slow requests, rejected configuration, pods that are replaced, targets that do not answer, and a time in which
 * no samples arrive.
 */
export async function simulatedSamples(): Promise<SampleStore> {
  const sim = await createSim({ seed: 11, rps: 40, historyMs: 0 });
  const store = shifted(sim.prometheus.scrapes, T0 - sim.clock.now());
  sim.traffic.setConnections({ perSecond: 3, bytesPerSecond: 2_000 });
  await sim.advance(3 * Minute);
  sim.traffic.setErrorRatio({ namespace: 'foo', ratio: 0.2 });
  sim.traffic.setConnectionFailures({ namespace: 'foo', ratio: 0.2 });
  sim.traffic.setDuration({ namespace: 'foo', meanMs: 340 });
  await sim.advance(3 * Minute);
  replacePods(sim, 'foo');
  sim.traffic.reject('1-30-4', 'lds', 3);
  await sim.advance(2 * Minute);
  const answer = sim.prometheus.stopScraping('bar', 'refused');
  sim.traffic.setErrorRatio({ namespace: 'baz', ratio: 0.05, failure: { responseCode: '200', grpcStatus: '14' } });
  await sim.advance(2 * Minute);
  answer();
  const catchUp = sim.prometheus.stopScraping('baz', 'behind');
  await sim.advance(7 * Minute);
  catchUp();
  await sim.advance(3 * Minute);
  return store;
}

function replacePods(sim: Sim, namespace: string): void {
  for (const { metadata } of sim.pods(namespace)) {
    sim.registry.delete(
      { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
      { name: metadata.name, namespace },
    );
  }
}
