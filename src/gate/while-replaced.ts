import type { WhileReplaced } from '../model/evidence.ts';
import { UpgradeError } from '../model/upgrade-error.ts';
import type { Answer, Metrics } from '../ports/prometheus.ts';
import { answerOf } from './answer-of.ts';
import { type Asking, answered, query } from './asking.ts';
import { endings } from './endings.ts';
import { failureClassOf } from './failures.ts';
import { alternation, type Look, type Scope } from './gate.ts';
import { selector } from './increase.ts';
import { memoryOf, remember } from './remember.ts';
import { called } from './views.ts';

/** A wave whose pods have all been replaced. */
export interface Replaced extends Scope, Pick<Look, 'startedAt'> {
  readyAt: number;
}

/**
 * Counts once for each wave, since both moments are past. It is for the report alone, so a query that fails delays no verdict.
 * @returns undefined if Prometheus does not answer
 */
export async function countWhileReplaced(metrics: Metrics, look: Replaced): Promise<WhileReplaced | undefined> {
  const key = `replaced ${look.wave} ${look.readyAt}`;
  try {
    return await answered(
      remember(memoryOf(metrics), key, () => count(look)),
      (question) => answerOf(metrics, question),
    );
  } catch (failure) {
    if (failure instanceof UpgradeError) return undefined;
    throw failure;
  }
}

function* count(look: Replaced): Asking<WhileReplaced, Answer> {
  const [{ series }] = yield* query({ query: callsWhileReplaced(look), at: look.readyAt });
  const flags: Record<string, number> = {};
  for (const { labels, value } of series) {
    const flag = labels['response_flags'] || '-';
    const failure = failureClassOf(labels);
    // A refusal is not what a restart costs.
    if (value > 0 && failure !== undefined && failure !== 'refusal') flags[flag] = (flags[flag] ?? 0) + value;
  }
  return {
    requests: series.reduce((sum, { value }) => sum + value, 0),
    errors: Object.values(flags).reduce((sum, failed) => sum + failed, 0),
    flags,
    durationMs: look.readyAt - look.startedAt,
  };
}

/** By how they ended. When a caller began to count is known if it was scraped before, or is a pod of the wave that was not there before. */
function callsWhileReplaced({ namespaces, startedAt, readyAt, settings }: Replaced): string {
  const { labels, intervalMs } = settings;
  // In less than a scrape there may be no sample.
  const seconds = Math.ceil(Math.max(readyAt - startedAt, intervalMs) / 1000);
  const ofCallers = (...more: readonly string[]) =>
    selector('istio_requests_total', [called.matchers(namespaces, { settings }), ...more].join(', '), { settings });
  const before = `(${ofCallers()} offset ${seconds}s)`;
  // Each counter at its highest, since a caller may have ended before the moment.
  const highest = (...more: readonly string[]) => `max_over_time(${ofCallers(...more)}[${seconds}s])`;
  const byPod = `on (${labels.namespace}, ${labels.pod}) ${before}`;
  const isOwn = `${labels.namespace}=~"${alternation(namespaces)}"`;
  return `sum by (${endings}) ((${highest()} - ${before}) >= 0 or (${highest()} and ${byPod}) or (${highest(isOwn)} unless ${byPod}))`;
}
