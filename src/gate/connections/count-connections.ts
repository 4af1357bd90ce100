import type { Connections, Count, PartCounts, Sending, ViewName, WindowName } from '../../model/evidence.ts';
import { noConnections } from '../../model/evidence.ts';
import type { Series } from '../../ports/prometheus.ts';
import { type Asking, type Reading, read } from '../asking.ts';
import { requestsOfRest, type Span, spansOf } from '../count-traffic.ts';
import { failureOf } from '../endings.ts';
import { type Look, podNamer } from '../gate.ts';
import { blockMs } from '../history.ts';
import { replacedSince } from '../replaced-since.ts';
import { normalOf } from '../root/normal.ts';
import { called, made, mainView, served, type View } from '../views.ts';
import { workloadNamed } from '../workload-named.ts';
import { added, countOf, type Past, pastOf } from './past.ts';
import { type Asked, bytesIn, connectionsIn, connectionsOfRest, partOfConnections } from './questions.ts';

/** All that is asked about connections at one moment is one query. */
const group = 'connections';
const views = [served, called, made] as const;

/**
 * The TCP connections of a wave from each view, and the bytes that were sent on them, beside what is normal: since the wave was ready, and in
 * the sliding window. While pods are replaced nothing is counted: clients that keep connections open have them cut, and peers that start
 * together refuse each other.
 */
export function* countConnections(look: Look): Asking<Connections, Reading> {
  const spans = spansOf(look);
  const of = (name: WindowName) => spans.find(({ window }) => window === name);
  const recent = of('recent');
  const asked = [of('settled') ?? of('ready'), recent].filter((span) => span !== undefined);
  if (asked.length === 0) return noConnections;
  const past = yield* pastOf(look);
  const now = (query: string, name = group) => ({ query, at: look.until, group: name });
  const readings = yield* read(
    ...asked.flatMap((span) => views.map((view) => now(connectionsIn(view, askedIn(span, look))))),
    ...asked.map(({ ms }) => now(connectionsOfRest(ms, look))),
    ...asked.map(({ ms }) => now(requestsOfRest(ms, look), 'rest')),
    ...(recent === undefined ? [] : [now(bytesIn(mainView(look), askedIn(recent, look)))]),
  );
  const counted = asked.map(({ window }, index): Counted => {
    const reading = (at: number) => readings[at] ?? [];
    const rests = asked.length * views.length + index;
    return {
      window,
      rows: new Map(
        views.map((view, at) => [view.name, rowsOf(reading(index * views.length + at), view, look)] as const),
      ),
      rest: added(countOf(reading(rests)), requestsIn(reading(rests + asked.length))),
    };
  });
  const bytes = recent && readings.at(-1);
  return {
    opened: openedIn(counted[0]),
    views: past === undefined ? {} : viewsOf(counted, past),
    bytes:
      past === undefined || bytes === undefined || recent === undefined
        ? []
        : bytesOf(bytes, { past, ms: recent.ms, rest: counted.at(-1)?.rest.requests ?? 0 }, look),
    ...(past !== undefined &&
      isSending(past) &&
      (recent?.ms ?? 0) < look.settings.watchMs && { isBytesDue: true as const }),
  };
}

const isSending = ({ bytes }: Past): boolean => (bytes.get('')?.least ?? 0) > 0;

function askedIn({ window, ms }: Span, look: Look): Asked {
  const { namespaces, settings, scraped, together, until } = look;
  return {
    ms,
    settings,
    scraped,
    away: replacedSince(until - ms, look),
    namespaces: window === 'recent' ? together.namespaces : namespaces,
  };
}

interface Row extends Count {
  part: string;
}

interface Counted {
  window: WindowName;
  rows: ReadonlyMap<ViewName, readonly Row[]>;
  /** All that servers of the rest of the mesh answered: requests and connections. */
  rest: Count;
}

/** Of a wave of gateways, what they made: other workloads in their namespaces are not meant. */
function rowsOf(series: readonly Series[], view: View, look: Look): readonly Row[] {
  const { only, pods, scraped } = look;
  if (view === called && only !== undefined) return [];
  const nameOf = partOfConnections(view, look);
  const podOf = podNamer(look);
  const isToldByPod = view !== called && scraped.restriction === undefined;
  return series
    .filter(({ labels }) => (isToldByPod ? pods.has(podOf(labels)) : isOfWave(nameOf(labels), look)))
    .map((each) => ({ part: nameOf(each.labels), ...countOf([each]) }));
}

const isOfWave = (part: string, { only, namespaces }: Pick<Look, 'only' | 'namespaces'>): boolean =>
  only?.has(part) ?? namespaces.includes(part.slice(0, part.indexOf('/')));

const requestsIn = (series: readonly Series[]): Count =>
  series.reduce<Count>(
    (sum, { labels, value }) => added(sum, { requests: value, errors: failureOf(labels) === undefined ? 0 : value }),
    { requests: 0, errors: 0 },
  );

const sumOf = (rows: readonly Count[]): Count =>
  rows.reduce<Count>((sum, { requests, errors }) => added(sum, { requests, errors }), { requests: 0, errors: 0 });

function openedIn(counted: Counted | undefined): Connections['opened'] {
  const sums = [...(counted?.rows ?? [])].map(([view, rows]) => [view, sumOf(rows)] as const);
  return Object.fromEntries(
    sums
      .filter(([, { requests }]) => requests > 0)
      .map(([view, { requests, errors }]) => [view, { requests: Math.round(requests), errors: Math.round(errors) }]),
  );
}

function viewsOf(counted: readonly Counted[], { normals }: Past): Connections['views'] {
  return Object.fromEntries(
    views
      .filter(({ name }) => normals.has(name) || counted.some(({ rows }) => (rows.get(name) ?? []).length > 0))
      .map(({ name }) => [name, partsOf(name, counted, normals.get(name))]),
  );
}

/** The wave, then the workloads of which a connection failed: another cannot fail. */
function partsOf(
  view: ViewName,
  counted: readonly Counted[],
  normals: ReturnType<Past['normals']['get']>,
): readonly PartCounts[] {
  const rowsIn = ({ rows }: Counted) => rows.get(view) ?? [];
  const failing = new Set(
    counted.flatMap((each) =>
      rowsIn(each)
        .filter(({ errors }) => errors > 0)
        .map(({ part }) => part),
    ),
  );
  return ['', ...failing].map((part) => ({
    ...(part !== '' && { part }),
    normal: normals?.get(part) ?? normalOf([]),
    windows: Object.fromEntries(
      counted.map((each) => [
        each.window,
        { own: sumOf(rowsIn(each).filter((row) => part === '' || row.part === part)), rest: each.rest },
      ]),
    ),
  }));
}

/** A workload that sent less than this share of its mean at some time sends in bursts: that it is silent says nothing. */
const steady = 1 / 3;

function bytesOf(
  series: readonly Series[],
  { past, ms, rest }: { past: Past; ms: number; rest: number },
  look: Look,
): readonly Sending[] {
  // In less than a whole window there are fewer.
  if (ms < look.settings.watchMs) return [];
  const nameOf = partOfConnections(mainView(look), look);
  const sent = new Map<string, number>();
  for (const { labels, value } of series.filter((each) => isOfWave(nameOf(each.labels), look)))
    for (const part of ['', nameOf(labels)]) sent.set(part, (sent.get(part) ?? 0) + value);
  const leastOfRest = (past.leastOfRest * ms) / blockMs;
  const beside = leastOfRest > 0 ? { rest: Math.min(1, rest / leastOfRest) } : {};
  // One that was scaled to nothing sends nothing, and one with pods that are not ready less: its rollout says why.
  const running = new Set([...new Set(look.pods.values())].filter((id) => look.ready.has(id)).map(workloadNamed));
  return [...past.bytes].flatMap(([part, { least, mean }]): Sending[] => {
    if (least === 0 || (part !== '' && (least < steady * mean || !running.has(part)))) return [];
    return [{ ...(part !== '' && { part }), left: sent.get(part) ?? 0, least, ms, ...beside }];
  });
}
