import { simulatedInstant, simulatedRange } from '../../harness/proof/contract/promql/simulated-answer.ts';
import { MemoryStore } from '../../harness/rehearsal/sim/metrics/memory-store.ts';
import type { Labels, RawSeries } from '../../harness/rehearsal/sim/metrics/sample-store.ts';
import type { Metrics } from '../../src/ports/prometheus.ts';
import { readAnswer, readRangeAnswer } from '../../src/prometheus/read-answer.ts';

const url = 'http://prometheus';

/** A Prometheus that holds these samples, as the simulator evaluates queries; it says what it was asked. */
export function prometheusOf(series: readonly RawSeries[]) {
  const store = new MemoryStore(series);
  const asked: string[] = [];
  const metrics: Metrics = {
    query: async (query, at = 0) => {
      asked.push(query);
      return readAnswer({ headers: {}, ...simulatedInstant(query, store, at) }, query, url);
    },
    range: async (query, { start, end, stepMs }) => {
      asked.push(query);
      const range = { startMs: start, endMs: end, stepMs };
      return readRangeAnswer({ headers: {}, ...simulatedRange(query, store, range) }, query, url);
    },
  };
  return { asked, metrics };
}

/** From one moment to another, with the value at each; Unix milliseconds. */
export function scraped(
  labels: Labels,
  [from, to]: readonly [number, number],
  valueAt: (at: number) => number,
  intervalMs = 15_000,
): RawSeries {
  const points = Array.from(
    { length: Math.floor((to - from) / intervalMs) + 1 },
    (_, index) => from + index * intervalMs,
  );
  return { labels, points: points.map((at) => ({ at, value: valueAt(at) })) };
}
