import type { Count, FailureClass, PartCounts, Traffic, WindowName } from '../model/evidence.ts';
import { noTraffic } from '../model/evidence.ts';
import type { Series } from '../ports/prometheus.ts';
import { type Asking, type Reading, read } from './asking.ts';
import { failureOf, matchersOf, sumByEnding } from './endings.ts';
import { failureClasses } from './failures.ts';
import { type Look, podNamer } from './gate.ts';
import { type Normals, normalsOf } from './history.ts';
import { increaseOfEach, increaseOfEachKnown, selector } from './increase.ts';
import { withoutReplaced } from './replaced-since.ts';
import { restMatchers } from './rest.ts';
import { normalOf } from './root/normal.ts';
import { type Times, windows } from './root/windows.ts';
import { partOf, type View } from './views.ts';

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
    ...spans.map((span) => ({ query: requestsIn(span, view, look), at: look.until, group: view.name })),
    ...spans.map(({ ms }) => ({ query: requestsOfRest(ms, look), at: look.until, group: 'rest' })),
  );
  const counted = spans.map(({ window }, index) => ({
    window,
    own: rowsOf(readings[index] ?? [], view, look),
    rest: (readings[spans.length + index] ?? []).map(endedOf),
  }));
  const [span] = spans;
  const [longest] = counted;
  if (span === undefined || longest === undefined) return noTraffic;
  return {
    ...sumOf(longest.own),
    worst: yield* worstIn(span, longest.own, view, look),
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

/** By workload, since a wave may have ten thousand pods; by pod only where nothing else tells its pods from others. */
function requestsIn({ window, ms }: Span, view: View, look: Look): string {
  const { labels } = look.settings;
  const { namespace, workload } = view.part(look);
  const by = [namespace, workload, ...(isToldByPod(view, look) ? [labels.pod] : [])];
  const namespaces = window === 'recent' ? look.together.namespaces : look.namespaces;
  return sumByEnding(by, increaseOfPods(ms, view, look, namespaces));
}

/** How much each counter of a view has grown; of the wave's pods only, as far as the query can tell them from others. */
function increaseOfPods(
  ms: number,
  view: View,
  look: Look,
  namespaces: readonly string[],
  ...ending: readonly string[]
): string {
  const { scraped, settings } = look;
  const restriction = view.ofOwnPods ? scraped.restriction : undefined;
  const matchers = [
    view.matchers(namespaces, look),
    ...withoutReplaced(view, ms, look),
    ...(restriction?.matchers ?? []),
    ...ending,
  ];
  const counters = selector('istio_requests_total', matchers.join(', '), look);
  if (!view.ofOwnPods) return increaseOfEachKnown(counters, ms, settings.labels);
  return `(${increaseOfEach(counters, ms)})${restriction?.join ?? ''}`;
}

const isToldByPod = ({ ofOwnPods }: View, { scraped }: Pick<Look, 'scraped'>): boolean =>
  ofOwnPods && scraped.restriction === undefined;

export const requestsOfRest = (ms: number, look: Look): string =>
  sumByEnding([], increaseOfEach(selector('istio_requests_total', restMatchers(look), look), ms));

/** Requests that ended alike. */
interface Ended {
  /** How they failed; `undefined` if they did not. */
  failure: FailureClass | undefined;
  requests: number;
}

interface Row extends Ended {
  labels: Series['labels'];
  part: string;
}

function rowsOf(series: readonly Series[], view: View, look: Look): readonly Row[] {
  const { namespace } = view.part(look);
  const podOf = podNamer(look);
  const nameOf = partOf(view, look);
  const chosen = new Set(look.namespaces);
  const isOwn = isToldByPod(view, look)
    ? (labels: Series['labels']) => look.pods.has(podOf(labels))
    : (labels: Series['labels']) => chosen.has(labels[namespace] ?? '');
  return series
    .filter(({ labels }) => isOwn(labels))
    .map((each) => ({ labels: each.labels, part: nameOf(each.labels), ...endedOf(each) }));
}

const endedOf = ({ labels, value }: Pick<Series, 'labels' | 'value'>): Ended => ({
  failure: failureOf(labels),
  requests: value,
});

const sumOf = (rows: readonly Ended[]): Count => ({
  requests: whole(rows.reduce((sum, { requests }) => sum + requests, 0)),
  errors: whole(rows.reduce((sum, { failure, requests }) => sum + (failure === undefined ? 0 : requests), 0)),
});

/** Some backends interpolate; requests are whole. */
const whole = Math.round;

const worstMax = 5;
/** Of more ways to fail, and of more namespaces that fail, those of the most requests decide which pods are the worst. */
const endingsMax = 5;
const namespacesMax = 20;

/** The pods with most failures. Of pods whose requests were counted together they are asked for, if anything failed. */
function* worstIn({ ms }: Span, own: readonly Row[], view: View, look: Look): Asking<Traffic['worst'], Reading> {
  const failing = own.filter(({ failure, requests }) => failure !== undefined && requests > 0);
  if (failing.length === 0) return [];
  if (isToldByPod(view, look)) return worstPods(own, look);
  const { labels } = look.settings;
  const pod = [labels.namespace, labels.pod];
  const mostOf = (label: string, max: number): readonly string[] =>
    [...Map.groupBy(failing, (row) => row.labels[label] ?? '')]
      .map(([value, rows]) => ({ value, ...sumOf(rows) }))
      .sort((a, b) => b.requests - a.requests)
      .slice(0, max)
      .map(({ value }) => value);
  const namespaces = mostOf(view.part(look).namespace, namespacesMax);
  const failures = mostOf('ended', endingsMax)
    .map((ended) => `(${increaseOfPods(ms, view, look, namespaces, matchersOf({ ended }))})`)
    .join(' or ');
  const all = increaseOfPods(ms, view, look, namespaces);
  const worst = `topk(${worstMax}, sum by (${pod.join(', ')}) (${failures}))`;
  const [series = []] = yield* read({
    query: sumByEnding(pod, `(${all}) and on (${pod.join(', ')}) ${worst}`),
    at: look.until,
    group: 'worst',
  });
  return worstPods(
    series.map((each) => ({ labels: each.labels, ...endedOf(each) })),
    look,
  );
}

function worstPods(rows: readonly Omit<Row, 'part'>[], look: Look): Traffic['worst'] {
  const podOf = podNamer(look);
  return [...Map.groupBy(rows, ({ labels }) => podOf(labels))]
    .map(([pod, each]) => ({ pod, ...sumOf(each) }))
    .filter(({ errors }) => errors > 0)
    .sort((a, b) => b.errors - a.errors)
    .slice(0, worstMax);
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
