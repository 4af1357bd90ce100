import type { Normal } from '../../model/evidence.ts';
import type { GateSettings } from '../../model/gate-settings.ts';
import type { Wave } from '../../model/plan.ts';
import type { LabelLacking, WaveSight } from '../../model/sight.ts';
import type { Answer, Series } from '../../ports/prometheus.ts';
import { type Asking, query } from '../asking.ts';
import { bytesBefore, normalsOfConnections, sentBy } from '../connections/past.ts';
import { connectionsIn } from '../connections/questions.ts';
import { connectionRules } from '../connections/rules.ts';
import { isFresh } from '../fresh.ts';
import { podNamer } from '../gate.ts';
import {
  blockCount,
  blockMs,
  blockOf,
  blocksBy,
  emptyBlocks,
  type Failures,
  inBlocks,
  normalsOfParts,
  requestsInBlock,
} from '../history.ts';
import { selector } from '../increase.ts';
import { rulesOf } from '../judge-traffic.ts';
import { restNeeded } from '../root/judge-part.ts';
import { normalOf } from '../root/normal.ts';
import { atLeast, scrapeIntervalOf, scrapesUntil } from '../scrape-interval.ts';
import { lastScrapes } from '../scraped-pods.ts';
import { called, made, partOf, served, type View } from '../views.ts';
import { labelQuestions, labelsLacking } from './labels-lacking.ts';
import { powerOf } from './power.ts';

/** A mesh before its upgrade. */
export interface Scene {
  /** In the order in which they will restart. */
  waves: readonly SceneWave[];
  settings: GateSettings;
  /** The cluster's clock, Unix milliseconds. */
  now: number;
}

export interface SceneWave extends Wave {
  /** `namespace/pod` of its live pods with a sidecar that should be scraped. */
  pods: readonly string[];
  /** Workloads that alone are looked at, as `namespace/name`: gateways, which are judged by the calls that they make. */
  only?: ReadonlySet<string>;
}

/**
 * What the gate would see of each wave. All waves are asked about at once and told apart here, so that their number costs nothing; only those
 * whose servers report nothing are asked about again.
 */
export function* sightOf(scene: Scene): Asking<readonly WaveSight[], Answer> {
  const { waves, settings, now } = scene;
  if (waves.length === 0) return [];
  const { namespace } = settings.labels;
  const all = [...new Set(waves.flatMap(({ namespaces }) => namespaces))];
  const connectionsBefore = (view: View) =>
    inBlocks(connectionsIn(view, { ms: blockMs, namespaces: all, settings }), now);
  const [reporters, codes, flags, statuses, scrapes, intervals, callers, taken, own, history] = yield* query(
    ...labelQuestions(all, scene),
    lastScrapes(['istio_build', 'istio_requests_total'], all, now, scene),
    scrapesUntil(now, all, scene),
    { query: `count by (${toNamespace}) (${selector('istio_requests_total', called.matchers(all, scene), scene)})` },
    connectionsBefore(served),
    connectionsBefore(made),
    inBlocks(requestsInBlock(served, 'reporter="destination"', scene), now),
  );
  const asked: Asked = {
    labels: [reporters, codes, flags, statuses],
    scrapes: scrapes.series,
    intervals: intervals.series,
    reportedBy: (reporter) =>
      namesIn(
        reporters.series.filter(({ labels }) => labels['reporter'] === reporter),
        namespace,
      ),
    called: namesIn(callers.series, toNamespace),
    connections: [
      { view: served, series: taken.series },
      { view: made, series: own.series },
    ],
  };
  const first = waves.map((wave) => ({ wave, view: viewOf(wave, asked) }));
  const histories = new Map<View, readonly Series[]>([[served, history.series]]);
  for (const view of [called, made]) {
    const without = first.filter((each) => each.view === view).flatMap(({ wave }) => wave.namespaces);
    if (without.length === 0) continue;
    const [{ series }] = yield* query(inBlocks(requestsInBlock(view, view.matchers(without, scene), scene), now));
    histories.set(view, series);
  }
  const rests = restsOf(history.series, scene);
  const seen = first.map(({ wave, view }, index) =>
    waveSight(wave, view, { asked, history: histories.get(view) ?? [], rest: rests[index] ?? emptyBlocks(), scene }),
  );
  return yield* withBytes(seen, scene);
}

const toNamespace = 'destination_service_namespace';

/** What was answered about all waves. */
interface Asked {
  labels: readonly [Answer, Answer, Answer, Answer];
  scrapes: readonly Series[];
  intervals: readonly Series[];
  /** Namespaces whose proxies count requests as this reporter. */
  reportedBy(reporter: 'source' | 'destination'): ReadonlySet<string>;
  called: ReadonlySet<string>;
  /** TCP connections in each block, as servers and as their callers. */
  connections: readonly ViewedSeries[];
}

interface ViewedSeries {
  view: View;
  series: readonly Series[];
}

const namesIn = (series: readonly Series[], label: string): ReadonlySet<string> =>
  new Set(series.flatMap(({ labels }) => labels[label] ?? []));

/** The view of the requests that the gate would choose; without any series that of the servers. */
function viewOf({ namespaces, only }: SceneWave, { reportedBy, called: calledIn }: Asked): View {
  if (only !== undefined) return made;
  const isIn = (names: ReadonlySet<string>) => namespaces.some((name) => names.has(name));
  if (isIn(reportedBy('destination'))) return served;
  if (isIn(calledIn)) return called;
  return isIn(reportedBy('source')) ? made : served;
}

/** Of each wave: what servers answered in the namespaces that come after it, or in no wave at all. */
function restsOf(history: readonly Series[], { waves, settings, now }: Scene): readonly (readonly Failures[])[] {
  const byNamespace = blocksBy(history, now, (labels) => [labels[settings.labels.namespace] ?? '']);
  let rest: readonly Failures[] = blocksBy(history, now, () => []).get('') ?? emptyBlocks();
  const taken = new Set<string>();
  return waves.map(({ namespaces }) => {
    for (const name of namespaces) {
      if (!taken.has(name)) rest = without(rest, byNamespace.get(name) ?? emptyBlocks());
      taken.add(name);
    }
    return rest;
  });
}

const without = (all: readonly Failures[], own: readonly Failures[]): readonly Failures[] =>
  all.map((block, index) => {
    const less = (of: keyof Failures) => Math.max(0, block[of] - (own[index]?.[of] ?? 0));
    return { requests: less('requests'), error: less('error'), lost: less('lost'), refusal: less('refusal') };
  });

interface Answers {
  asked: Asked;
  history: readonly Series[];
  rest: readonly Failures[];
  scene: Scene;
}

function waveSight(wave: SceneWave, view: View, answers: Answers): WaveSight {
  const { asked, rest, scene } = answers;
  const { name, namespaces, pods, only } = wave;
  const { settings, now } = scene;
  const chosen = new Set(namespaces);
  const { namespace, pod: podLabel } = settings.labels;
  const isOfWave = (each: Series) => chosen.has(each.labels[namespace] ?? '');
  const scrapeMs = scrapeIntervalOf(asked.intervals.filter(isOfWave));
  const measured = atLeast(scrapeMs, settings);
  const scrapes = asked.scrapes.filter(isOfWave);
  const fresh = new Set(
    scrapes.filter(isFresh({ until: now, settings: measured })).map(({ labels }) => podNamer(scene)(labels)),
  );
  // Gateways serve nothing themselves.
  const used = only === undefined ? namespaces.filter((each) => pods.some((pod) => pod.startsWith(`${each}/`))) : [];
  const [servers, clients] = [asked.reportedBy('destination'), asked.reportedBy('source')];
  const unserved = used.filter((each) => !servers.has(each));
  const silent = unserved.filter((each) => !asked.called.has(each) && !clients.has(each));
  const connections = asked.connections.map(({ view: of, series }) => ({
    view: of,
    series: series.filter((each) => isOfWave(each) && (only?.has(partOf(of, scene)(each.labels)) ?? true)),
  }));
  const connected = namesIn(
    connections.flatMap(({ series }) => series),
    namespace,
  );
  const requests = requestsOf(wave, view, measured, answers);
  const opened = connectionsOf(connections, rest, measured, scene);
  const isCounted =
    only === undefined
      ? [servers, asked.called, clients].some((seen) => namespaces.some((each) => seen.has(each)))
      : requests.total > 0;
  const decides = !isCounted
    ? opened.total > 0
      ? ('tcpConnections' as const)
      : undefined
    : requests.total >= opened.total
      ? view.name
      : ('tcpConnections' as const);
  const restNow = ((rest.at(-1)?.requests ?? 0) * settings.watchMs) / blockMs;
  const { power, workloads, historyMs } = decides === 'tcpConnections' ? opened : requests;
  return {
    wave: name,
    pods: pods.length,
    unscraped: pods.filter((each) => !fresh.has(each)),
    ...(scrapeMs !== undefined && { scrapeMs }),
    lacking: [
      ...labelsLacking(asked.labels, chosen, scene),
      ...flagsLacking(
        connections.flatMap(({ series }) => series),
        namespace,
      ),
    ],
    hasPodLabel: scrapes.length === 0 || scrapes.some(({ labels }) => (labels[podLabel] ?? '') !== ''),
    clientsOnly: unserved.filter((each) => asked.called.has(each)),
    tcpOnly: silent.filter((each) => connected.has(each)),
    silent: silent.filter((each) => !connected.has(each)),
    seesClients: namespaces.some((each) => asked.called.has(each)),
    ...(decides !== undefined && { decides }),
    historyMs,
    rest: restNow,
    hasRest: restNow >= restNeeded,
    power,
    workloads,
  };
}

/** What would be noticed of one kind of traffic, and how much of it there was in the hours before. */
interface Noticed extends Pick<WaveSight, 'power' | 'workloads' | 'historyMs'> {
  total: number;
}

function requestsOf(
  { namespaces, only }: SceneWave,
  view: View,
  settings: GateSettings,
  { history, rest, scene }: Answers,
): Noticed {
  const chosen = new Set(namespaces);
  const label = view.part(scene).namespace;
  const nameOf = partOf(view, scene);
  const parts = blocksBy(
    history.filter(({ labels }) => chosen.has(labels[label] ?? '') && (only?.has(nameOf(labels)) ?? true)),
    scene.now,
    (labels) => [nameOf(labels)],
  );
  const normals = normalsOfParts(parts, rest);
  const amounts = new Map([...parts].map(([part, blocks]) => [part, blocks.map(({ requests }) => requests)]));
  return noticed(amounts, (part) => normals.get(part)?.error, settings);
}

/** Of connections, those that servers took, or where there are none, those that were made. */
function connectionsOf(
  connections: readonly ViewedSeries[],
  rest: readonly Failures[],
  settings: GateSettings,
  scene: Scene,
): Noticed {
  const { view, series } = connections.find((each) => each.series.length > 0) ?? { view: served, series: [] };
  const parts = new Map([['', series], ...Map.groupBy(series, ({ labels }) => partOf(view, scene)(labels))]);
  const normals = normalsOfConnections(
    parts,
    rest.map(({ requests, error, lost, refusal }) => ({ requests, errors: error + lost + refusal })),
    scene.now,
  );
  const amounts = new Map(
    [...parts].map(([part, each]) => {
      const amount = Array.from({ length: blockCount }, () => 0);
      for (const one of each) {
        const index = blockOf(one, scene.now);
        amount[index] = (amount[index] ?? 0) + one.value;
      }
      return [part, amount];
    }),
  );
  return noticed(
    amounts,
    (part) => normals.get(part),
    settings,
    (workloads) => connectionRules(settings, { workloads }, true),
  );
}

/** @param amounts by part and block; the wave has no name */
function noticed(
  amounts: ReadonlyMap<string, readonly number[]>,
  normalIn: (part: string) => Normal | undefined,
  settings: GateSettings,
  rules = (workloads: number) => rulesOf(settings, { workloads }, true),
): Noticed {
  const workloads = amounts.size - (amounts.has('') ? 1 : 0);
  const part = (named: string) =>
    powerOf(
      {
        ...(named !== '' && { part: named }),
        rate: (1000 * (amounts.get(named)?.at(-1) ?? 0)) / blockMs,
        normal: normalIn(named) ?? normalOf([]),
        workloads,
      },
      settings,
      rules(workloads),
    );
  const all = amounts.get('') ?? [];
  return {
    power: part(''),
    workloads: [...amounts.keys()].filter((named) => named !== '').map((named) => ({ part: named, ...part(named) })),
    historyMs: blockMs * all.filter((amount) => amount > 0).length,
    total: all.reduce((sum, amount) => sum + amount, 0),
  };
}

/** Without flags every connection looks served. */
function flagsLacking(connections: readonly Series[], namespace: string): readonly LabelLacking[] {
  const without = namesIn(
    connections.filter(({ labels }) => (labels['response_flags'] ?? '') === ''),
    namespace,
  );
  return without.size === 0
    ? []
    : [
        {
          label: 'response_flags',
          metric: 'istio_tcp_connections_opened_total',
          namespaces: [...without].sort(),
          values: [],
        },
      ];
}

/** Waves whose connections are too few for a pass pass by their bytes, if there were some all the time. */
function* withBytes(seen: readonly WaveSight[], scene: Scene): Asking<readonly WaveSight[], Answer> {
  const { settings, waves, now } = scene;
  const isFew = ({ decides, power }: WaveSight) => decides === 'tcpConnections' && power.passMs > settings.bakeMs;
  const namespacesOf = (sight: WaveSight) => waves.find(({ name }) => name === sight.wave)?.namespaces ?? [];
  const few = seen.filter(isFew).flatMap(namespacesOf);
  if (few.length === 0) return seen;
  const [{ series }] = yield* query(bytesBefore(now, served, few, scene));
  return seen.map((sight) => {
    if (!isFew(sight)) return sight;
    const chosen = new Set(namespacesOf(sight));
    const own = series.filter(({ labels }) => chosen.has(labels[settings.labels.namespace] ?? ''));
    const leastBytes = sentBy(own, served, scene).get('')?.least ?? 0;
    return leastBytes > 0 ? { ...sight, leastBytes, power: { ...sight.power, passMs: settings.bakeMs } } : sight;
  });
}
