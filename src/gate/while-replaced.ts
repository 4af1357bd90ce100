import type { WhileReplaced } from '../model/evidence.ts';
import { UpgradeError } from '../model/upgrade-error.ts';
import type { Metrics } from '../ports/prometheus.ts';
import { incrementsOf, isFailure } from './count-traffic.ts';
import { type Look, podNamer } from './gate.ts';
import { callsTo } from './gates/client-side.ts';
import { highestRequestsWhere, requestsWhere } from './traffic.ts';

const counted = new WeakMap<Metrics, Map<string, WhileReplaced>>();

/**
 * Counts once for each wave, since both moments are past. It is for the report alone, so a query that fails delays no verdict.
 * @returns undefined if Prometheus does not answer
 */
export async function countWhileReplaced(metrics: Metrics, look: Look): Promise<WhileReplaced | undefined> {
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

async function count(metrics: Metrics, look: Look): Promise<WhileReplaced> {
  const { startedAt, readyAt, settings, pods } = look;
  // In less than a scrape there may be no sample.
  const windowMs = Math.max(readyAt - startedAt, settings.intervalMs);
  const calls = callsTo(look);
  const [{ series: before }, { series: after }] = await Promise.all([
    metrics.query(requestsWhere(calls, look), readyAt - windowMs),
    metrics.query(highestRequestsWhere(calls, windowMs, look), readyAt),
  ]);
  let requests = 0;
  const flags: Record<string, number> = {};
  for (const { labels, requests: more } of incrementsOf({ before, after }, { podOf: podNamer(look), created: pods })) {
    requests += more;
    const flag = labels['response_flags'] || '-';
    if (more > 0 && isFailure(labels)) flags[flag] = (flags[flag] ?? 0) + more;
  }
  const errors = Object.values(flags).reduce((sum, failed) => sum + failed, 0);
  return { requests, errors, flags, durationMs: readyAt - startedAt };
}
