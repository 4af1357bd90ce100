import { createSim } from '../../../rehearsal/sim/create-sim.ts';
import { matcher } from '../../../rehearsal/sim/metrics/promql/matcher.ts';
import type { RawSeries, SampleStore } from '../../../rehearsal/sim/metrics/sample-store.ts';

const Minute = 60_000;

/** What the simulator computes of the last hours, and the same samples written down. */
export interface Hours {
  /** When the hours end, Unix milliseconds. */
  now: number;
  computed: SampleStore;
  written: readonly RawSeries[];
}

const metrics = matcher('__name__', '=~', 'istio_requests_total|istio_request_duration_milliseconds_bucket');

/**
 * Eight hours of a mesh whose usual error ratio wanders, with failures of several kinds at the end, and pods that are replaced: what
 * a gate reads to know what is normal.
 */
export async function hoursOfSamples(): Promise<Hours> {
  const namespaces = ['foo', 'bar'].map((name) => ({
    name,
    labels: { 'istio.io/rev': 'default' },
    workloads: [{ name, replicas: 2 }],
  }));
  const sim = await createSim({ seed: 17, rps: 20, namespaces, scrapeIntervalMs: Minute });
  const wander = { logSd: 0.5, memoryMs: 150_000, seed: 17 };
  sim.traffic.setErrorRatio({ ratio: 0.02, wander, always: true });
  sim.traffic.setDuration({ namespace: 'bar', meanMs: 400, always: true });
  await sim.advance(10 * Minute);
  for (const { metadata } of sim.pods('foo').slice(1)) {
    const pods = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
    sim.registry.delete(pods, { name: metadata.name, namespace: 'foo' });
  }
  sim.traffic.setErrorRatio({
    cause: 'release',
    ratio: 0.3,
    failure: { responseCode: '404', flags: 'NR', seenBy: 'client' },
  });
  sim.traffic.setLost({ namespace: 'bar', ratio: 0.5, seenBy: 'client' });
  await sim.advance(10 * Minute);
  const now = sim.clock.now();
  const computed = sim.prometheus.scrapes;
  return { now, computed, written: computed.range([metrics], 0, now) };
}
