import type { Series } from '../ports/prometheus.ts';
import { type Asking, type Question, type Reading, read } from './asking.ts';
import { alternation, podNamer, type Restriction, type Scope, type Scraped, type Together } from './gate.ts';
import { selector } from './increase.ts';

/** More names than these are not sent. */
const namesMax = 100;

/**
 * Which pods are scraped now. A pod without traffic has no requests to count; `istio_build` says that it is scraped all the same, and is one
 * series a pod. Where it is not kept, the requests say it.
 */
export function* scrapedIn(
  { namespaces, pods }: Together,
  until: number,
  scope: Pick<Scope, 'settings'>,
): Asking<Scraped, Reading> {
  if (pods.size === 0) return { at: new Map() };
  const [builds] = yield* read(lastScrapes(['istio_build'], namespaces, until, scope));
  const known = new Set(builds?.map(({ labels }) => podNamer(scope)(labels)));
  const silent = [...pods].filter((pod) => !known.has(pod));
  const [requests] =
    silent.length === 0 ? [[]] : yield* read(lastScrapes(['istio_requests_total'], namespacesOf(silent), until, scope));
  if (builds === undefined || requests === undefined) return { at: new Map() };
  const found = scrapesOf([...builds, ...requests], scope);
  const restriction = restrictionTo(pods, found, { namespaces, scope });
  return {
    at: new Map([...found].map(([pod, { at }]) => [pod, at])),
    ...(restriction && { restriction }),
  };
}

/** When pods were scraped last, by what they say of themselves. */
export function lastScrapes(
  metrics: readonly string[],
  namespaces: readonly string[],
  at: number,
  scope: Pick<Scope, 'settings'>,
): Question {
  const { labels } = scope.settings;
  const matchers = `__name__=~"${alternation(metrics)}", ${labels.namespace}=~"${alternation(namespaces)}"`;
  const by = `${labels.namespace}, ${labels.pod}, tag`;
  return { query: `max by (${by}) (timestamp(${selector('', matchers, scope)}))`, at, group: 'scrapes' };
}

interface Scrape {
  at: number;
  /** Of Istio's release; empty if nothing tells. */
  tag: string;
}

/** The newest of each pod. Requests have no tag, so they come last. */
function scrapesOf(series: readonly Series[], scope: Pick<Scope, 'settings'>): ReadonlyMap<string, Scrape> {
  const podOf = podNamer(scope);
  const found = new Map<string, Scrape>();
  for (const { labels, value } of series) {
    const pod = podOf(labels);
    const known = found.get(pod);
    if (known === undefined || value > known.at) found.set(pod, { at: value, tag: labels['tag'] ?? known?.tag ?? '' });
  }
  return found;
}

/** By what differs between their pods and the others that are scraped at this moment: their names if few, the release, or the others' names. */
function restrictionTo(
  pods: ReadonlySet<string>,
  scraped: ReadonlyMap<string, Scrape>,
  { namespaces, scope }: { namespaces: readonly string[]; scope: Pick<Scope, 'settings'> },
): Restriction | undefined {
  const others = [...scraped].filter(([pod]) => !pods.has(pod));
  if (others.length === 0) return { matchers: [], join: '' };
  const { namespace, pod: podLabel } = scope.settings.labels;
  const own = new Set([...pods].map(nameOf));
  // Two namespaces may have pods of one name.
  const areTold = (names: readonly string[]) => !names.some((name) => own.has(name));
  if (own.size <= namesMax && areTold(others.map(([pod]) => nameOf(pod))))
    return { matchers: [`${podLabel}=~"${oneOf([...own])}"`], join: '' };
  const tags = new Set([...pods].flatMap((pod) => scraped.get(pod)?.tag ?? []));
  const canJoin = tags.size > 0 && !tags.has('');
  const alike = canJoin ? others.filter(([, { tag }]) => tags.has(tag)) : others;
  const names = alike.map(([pod]) => nameOf(pod));
  if (names.length > namesMax || !areTold(names)) return undefined;
  const builds = `${namespace}=~"${alternation(namespaces)}", tag=~"${oneOf([...tags])}"`;
  return {
    matchers: names.length === 0 ? [] : [`${podLabel}!~"${oneOf(names)}"`],
    join:
      alike.length === others.length
        ? ''
        : ` and on (${namespace}, ${podLabel}) ${selector('istio_build', builds, scope)}`,
  };
}

const namespacesOf = (pods: readonly string[]): readonly string[] => [
  ...new Set(pods.map((pod) => pod.slice(0, pod.indexOf('/')))),
];
const nameOf = (pod: string): string => pod.slice(pod.indexOf('/') + 1);
const oneOf = (names: readonly string[]): string =>
  alternation(names.map((name) => name.replaceAll('.', '[.]')).sort());
