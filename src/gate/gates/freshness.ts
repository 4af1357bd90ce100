import { type Asking, type Reading, read } from '../asking.ts';
import { isFresh } from '../fresh.ts';
import { alternation, type Gate, type Look, podNamer } from '../gate.ts';
import { selector } from '../increase.ts';

/** Whether every pod of the wave is scraped now: its evidence is how many are. Without them no number is trusted. */
export const freshness: Gate<number> = {
  label: 'fresh samples',
  about: 'telemetry',
  nothing: 0,
  count,
  judge: () => [],
  blindness: (seen, { pods }) => {
    if (pods === 0) return 'no pod of the wave runs the new revision';
    return seen < pods ? `${freshness.label} of ${seen} of ${pods} pods` : undefined;
  },
  // Until the wave has restarted, its pods are those whose requests the server side asks for.
  inspect: () => [],
};

/** A pod without traffic has no requests to count; `istio_build` says that it is scraped all the same. */
export function lastScrapes(namespaces: readonly string[], scope: Pick<Look, 'settings'>): string {
  const { labels } = scope.settings;
  const pods = selector(
    '',
    `__name__=~"istio_build|istio_requests_total", ${labels.namespace}=~"${alternation(namespaces)}"`,
    scope,
  );
  return `max by (${labels.namespace}, ${labels.pod}) (timestamp(${pods}))`;
}

function* count(look: Look): Asking<number, Reading> {
  const [series = []] = yield* read({ query: lastScrapes(look.watched, look), at: look.until });
  const seen = new Set(series.filter(isFresh(look)).map(({ labels }) => podNamer(look)(labels)));
  return [...look.pods.keys()].filter((pod) => seen.has(pod)).length;
}
