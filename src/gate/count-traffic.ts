import type { Count, FailureClass, PartCounts, Traffic, WindowName } from '../model/evidence.ts';
import { noTraffic } from '../model/evidence.ts';
import type { Series } from '../ports/prometheus.ts';
import { type Asking, type Reading, read } from './asking.ts';
import { failureClasses, failureClassOf } from './failures.ts';
import { type Look, podNamer } from './gate.ts';
import { type Normals, normalsOf } from './history.ts';
import { endings, increaseOf, increaseOfKnownPods, selector } from './increase.ts';
import { notTo, replacedSince } from './replaced-since.ts';
import { restMatchers } from './rest.ts';
import { normalOf } from './root/normal.ts';
import { type Times, windows } from './root/windows.ts';
import { made, partOf, type View } from './views.ts';

/** A window of a look, with how long it is. */
export interface Span {
  window: WindowName;
  ms: number;
}

/**
 * Requests of a wave in each window, by how they ended, beside what is normal and what the rest of the mesh does. If the history cannot
 * be read nothing is judged by it; the evidence says so.
 */
export function* countTraffic(view: View, look: Look): Asking<Traffic, Reading> {
  const normals = yield* normalsOf(view, look);
  const spans = spansOf(look);
  const readings = yield* read(
    ...spans.map((span) => ({ query: requestsIn(span, view, look), at: look.until })),
    ...spans.map(({ ms }) => ({ query: requestsOfRest(ms, look), at: look.until })),
  );
  const counted = spans.map(({ window }, index) => ({
    window,
    own: rowsOf(readings[index] ?? [], view, look),
    rest: (readings[spans.length + index] ?? []).map(endedOf),
  }));
  const [longest] = counted;
  if (longest === undefined) return noTraffic;
  return {
    ...sumOf(longest.own),
    worst: worstPods(longest.own),
    classes: normals === undefined ? {} : classesOf(counted, normals),
  };
}

/** The windows of a look; the longest comes first. */
export function spansOf(look: Look): readonly Span[] {
  const { watchMs, intervalMs } = look.settings;
  const times: Times = { ...look, now: look.until, watchMs, intervalMs };
  return (Object.keys(windows) as WindowName[]).flatMap((window) => {
    const from = windows[window].from(times);
    return from === undefined ? [] : [{ window, ms: look.until - from }];
  });
}

/** The namespaces of all waves that are looked at, so that their questions about the same time are one. Gateways are counted otherwise. */
export const askedTogether = ({ only, namespaces, watched }: Look): readonly string[] =>
  only === undefined ? watched : namespaces;

function requestsIn({ window, ms }: Span, view: View, look: Look): string {
  const namespaces = window === 'recent' ? look.watched : look.namespaces;
  const away = view === made ? replacedSince(look.until - ms, look) : [];
  const { namespace, workload } = view.part(look);
  const { labels } = look.settings;
  const counters = selector('istio_requests_total', [view.matchers(namespaces, look), ...notTo(away)].join(', '), look);
  const by = [...new Set([labels.namespace, labels.pod, namespace, workload])].join(', ');
  return view.ofOwnPods
    ? increaseOf(counters, ms, `${by}, ${endings}`)
    : increaseOfKnownPods(counters, ms, `${by}, ${endings}`, look);
}

const requestsOfRest = (ms: number, look: Look): string =>
  increaseOf(selector('istio_requests_total', restMatchers(look), look), ms, endings);

/** Requests that ended alike. */
interface Ended {
  /** How they failed; `undefined` if they did not. */
  failure: FailureClass | undefined;
  requests: number;
}

interface Row extends Ended {
  pod: string;
  part: string;
}

function rowsOf(series: readonly Series[], view: View, look: Look): readonly Row[] {
  const { namespace } = view.part(look);
  const podOf = podNamer(look);
  const nameOf = partOf(view, look);
  const chosen = new Set(look.namespaces);
  return series.flatMap(({ labels, value }): Row[] => {
    const pod = podOf(labels);
    if (view.ofOwnPods ? !look.pods.has(pod) : !chosen.has(labels[namespace] ?? '')) return [];
    return [{ pod, part: nameOf(labels), ...endedOf({ labels, value }) }];
  });
}

const endedOf = ({ labels, value }: Pick<Series, 'labels' | 'value'>): Ended => ({
  failure: failureClassOf(labels),
  requests: value,
});

const sumOf = (rows: readonly Ended[]): Count => ({
  requests: whole(rows.reduce((sum, { requests }) => sum + requests, 0)),
  errors: whole(rows.reduce((sum, { failure, requests }) => sum + (failure === undefined ? 0 : requests), 0)),
});

/** Some backends interpolate; requests are whole. */
const whole = Math.round;

function worstPods(rows: readonly Row[]): Traffic['worst'] {
  return [...Map.groupBy(rows, ({ pod }) => pod)]
    .map(([pod, each]) => ({ pod, ...sumOf(each) }))
    .filter(({ errors }) => errors > 0)
    .sort((a, b) => b.errors - a.errors)
    .slice(0, 5);
}

type Counted = readonly { window: WindowName; own: readonly Row[]; rest: readonly Ended[] }[];

function classesOf(counted: Counted, normals: Normals): Traffic['classes'] {
  const byPart = counted.map(({ own }) => Map.groupBy(own, ({ part }) => part));
  const of = (failure: FailureClass): readonly PartCounts[] => {
    // A workload without a failure cannot fail.
    const failing = new Set(
      counted.flatMap(({ own }) =>
        own.filter((row) => row.failure === failure && row.requests > 0).map(({ part }) => part),
      ),
    );
    const partCounts = (part: string, rowsIn: (index: number) => readonly Row[]): PartCounts => ({
      ...(part !== '' && { part }),
      normal: normals.get(part)?.[failure] ?? normalOf([]),
      windows: Object.fromEntries(
        counted.map(({ window, rest }, index) => [
          window,
          { own: countOf(rowsIn(index), failure), rest: countOf(rest, failure) },
        ]),
      ),
    });
    return [
      partCounts('', (index) => counted[index]?.own ?? []),
      ...[...failing].map((part) => partCounts(part, (index) => byPart[index]?.get(part) ?? [])),
    ];
  };
  return Object.fromEntries(failureClasses.map((failure) => [failure, of(failure)]));
}

const countOf = (rows: readonly Ended[], failure: FailureClass): Count =>
  rows.reduce(
    (sum, row) => ({
      requests: sum.requests + row.requests,
      errors: sum.errors + (row.failure === failure ? row.requests : 0),
    }),
    { requests: 0, errors: 0 },
  );
