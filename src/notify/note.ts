import { type ClusterName, describeCluster } from '../model/cluster-name.ts';
import type { TimedEvent } from '../model/events.ts';
import { renderEvent } from '../report/render-event.ts';
import { hideSecrets } from '../secrecy/hide-secrets.ts';

/** One message about a run, as JSON; `text` is what Slack and similar services show. */
export interface Note {
  text: string;
  event: 'run-started' | 'verdict' | 'problem' | 'run-ended';
  /** The same in all messages of a run. */
  thread: string;
  /** The page with its log. */
  where: string;
  cluster?: ClusterName;
  wave?: string;
  verdict?: string;
  outcome?: string;
}

const textMax = 3_000;

/** @returns `undefined` for events that need no notification */
export function noteOf(
  event: TimedEvent,
  run: { id: string; where: string; startedAt: number; cluster?: ClusterName },
): Note | undefined {
  const { kind } = event;
  if (kind !== 'run-started' && kind !== 'verdict' && kind !== 'problem' && kind !== 'run-ended') return undefined;
  const lines = renderEvent(event, run.startedAt).filter((line) => line.trim() !== '');
  const { cluster } = run;
  const named = cluster === undefined ? [] : [`Cluster: ${describeCluster(cluster)}`];
  const last = kind === 'run-started' || kind === 'run-ended' ? [run.where] : [];
  return {
    text: escaped([...lines, ...(kind === 'verdict' ? [] : named), ...last].join('\n').trim()),
    event: kind,
    thread: run.id,
    where: run.where,
    ...(cluster && { cluster }),
    ...(kind === 'verdict' ? { wave: event.wave, verdict: event.judged.verdict } : {}),
    ...(kind === 'run-ended' ? { outcome: event.outcome } : {}),
  };
}

/** Text from the cluster must not contain `<!channel>`, which alerts the whole channel, or `<http://x|y>`, whose link text hides its target. */
function escaped(text: string): string {
  const safe = hideSecrets(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return safe.length > textMax ? `${safe.slice(0, textMax)}…` : safe;
}
