import type { Series } from '../ports/prometheus.ts';
import type { Look } from './gate.ts';

/**
 * Of series whose value is when they were scraped last, Unix seconds: Prometheus answers with samples up to its lookback old,
 * and one that is older than three looks no longer speaks of now.
 */
export function isFresh({ until, settings: { intervalMs } }: Pick<Look, 'until' | 'settings'>) {
  const oldest = (until - 3 * intervalMs) / 1000;
  return ({ value }: Pick<Series, 'value'>): boolean => value >= oldest;
}
