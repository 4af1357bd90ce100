import { selector as selectorOf } from '../promql/selector.ts';
import type { Scope } from './gate.ts';

/** A metric's name with its matchers, and those of `gate.prometheus.match`. */
export const selector = (metric: string, matchers: string, { settings: { match } }: Pick<Scope, 'settings'>): string =>
  selectorOf(metric, matchers, match);

/**
 * PromQL for how much counters have grown in a time, summed by labels, from the counters themselves: `rate` and `increase` cannot count
 * the first value of a new series, and after a restart every series is new (prometheus/prometheus#3886). A counter that fell was reset.
 * A series that was not there before began at zero.
 */
export const increaseOf = (counters: string, ms: number, by: string): string =>
  `sum by (${by}) (${increaseOfEach(counters, ms)})`;

/** The same of each series. */
export const increaseOfEach = (counters: string, ms: number): string =>
  `(${counters} - (${counters} offset ${Math.ceil(ms)}ms)) >= 0 or ${counters}`;

/**
 * The same of pods that others started: when the counters of such a pod began is unknown, so one that was not scraped before is left out.
 */
export function increaseOfEachKnown(counters: string, ms: number, labels: Scope['settings']['labels']): string {
  const before = `(${counters} offset ${Math.ceil(ms)}ms)`;
  return `(${counters} - ${before}) >= 0 or (${counters} and on (${labels.namespace}, ${labels.pod}) ${before})`;
}
