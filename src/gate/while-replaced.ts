import type { WhileReplaced } from '../model/evidence.ts';
import { UpgradeError } from '../model/upgrade-error.ts';
import type { Metrics } from '../ports/prometheus.ts';
import { incrementsOf } from './count-increments.ts';
import { failureClassOf } from './failures.ts';
import { type Look, podNamer, type Scope } from './gate.ts';
import { endings, selector } from './increase.ts';
import { called } from './views.ts';

/** A wave whose pods have all been replaced. */
export interface Replaced extends Scope, Pick<Look, 'pods' | 'startedAt'> {
  readyAt: number;
}

const counted = new WeakMap<Metrics, Map<string, WhileReplaced>>();

/**
 * Counts once for each wave, since both moments are past. It is for the report alone, so a query that fails delays no verdict.
 * @returns undefined if Prometheus does not answer
 */
export async function countWhileReplaced(metrics: Metrics, look: Replaced): Promise<WhileReplaced | undefined> {
  const known = counted.get(metrics) ?? new Map<string, WhileReplaced>();
  counted.set(metrics, known);
  const key = `${look.wave} ${look.readyAt}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  try {
    const result = await count(metrics, look);
    known.set(key, result);
    return result;
  } catch (failure) {
    if (failure instanceof UpgradeError) return undefined;
    throw failure;
  }
}

async function count(metrics: Metrics, { startedAt, readyAt, pods, ...scope }: Replaced): Promise<WhileReplaced> {
  // In less than a scrape there may be no sample.
  const windowMs = Math.max(readyAt - startedAt, scope.settings.intervalMs);
  const calls = selector('istio_requests_total', called.matchers(scope.namespaces, scope), scope);
  const { labels } = scope.settings;
  const byPod = (counters: string) => `sum by (${labels.namespace}, ${labels.pod}, ${endings}) (${counters})`;
  const [{ series: before }, { series: after }] = await Promise.all([
    metrics.query(byPod(calls), readyAt - windowMs),
    // Each counter at its highest, since a caller may have ended before the moment.
    metrics.query(byPod(`max_over_time(${calls}[${Math.ceil(windowMs / 1000)}s])`), readyAt),
  ]);
  let requests = 0;
  const flags: Record<string, number> = {};
  const counting = { podOf: podNamer(scope), created: pods };
  for (const { labels: ending, increment } of incrementsOf({ before, after }, counting)) {
    requests += increment;
    const flag = ending['response_flags'] || '-';
    const failure = failureClassOf(ending);
    // A refusal is not what a restart costs.
    if (increment > 0 && failure !== undefined && failure !== 'refusal') flags[flag] = (flags[flag] ?? 0) + increment;
  }
  const errors = Object.values(flags).reduce((sum, failed) => sum + failed, 0);
  return { requests, errors, flags, durationMs: readyAt - startedAt };
}
