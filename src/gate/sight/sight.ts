import { noTraffic } from '../../model/evidence.ts';
import type { GateSettings } from '../../model/gate-settings.ts';
import type { Wave } from '../../model/plan.ts';
import type { WaveSight } from '../../model/sight.ts';
import type { Answer, Series } from '../../ports/prometheus.ts';
import { type Asking, query } from '../asking.ts';
import { isFresh } from '../fresh.ts';
import { alternation, podNamer } from '../gate.ts';
import {
  blockMs,
  blocksBy,
  emptyBlocks,
  type Failures,
  inBlocks,
  normalsOfParts,
  requestsInBlock,
} from '../history.ts';
import { selector } from '../increase.ts';
import { decidingView } from '../judge-traffic.ts';
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
  waves: readonly Wave[];
  /** Names of the live pods with a sidecar that should be scraped, by namespace. */
  pods: ReadonlyMap<string, readonly string[]>;
  settings: GateSettings;
  /** The cluster's clock, Unix milliseconds. */
  now: number;
}

/**
 * What the gate would see of each wave. All waves are asked about at once and told apart here, so that their number costs nothing; only those
 * whose servers report nothing are asked about again.
 */
export function* sightOf(scene: Scene): Asking<readonly WaveSight[], Answer> {
  const { waves, settings, now } = scene;
  if (waves.length === 0) return [];
  const { namespace } = settings.labels;
  const all = waves.flatMap(({ namespaces }) => namespaces);
  const inAll = `${namespace}=~"${alternation(all)}"`;
  const [reporters, codes, flags, statuses, scrapes, intervals, callers, connections, history] = yield* query(
    ...labelQuestions(all, scene),
    lastScrapes(['istio_build', 'istio_requests_total'], all, now, scene),
    scrapesUntil(now, all, scene),
    { query: `count by (${toNamespace}) (${selector('istio_requests_total', called.matchers(all, scene), scene)})` },
    { query: `count by (${namespace}) (${selector('istio_tcp_connections_opened_total', inAll, scene)})` },
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
    connected: namesIn(connections.series, namespace),
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
  return first.map(({ wave, view }, index) =>
    waveSight(wave, view, { asked, history: histories.get(view) ?? [], rest: rests[index] ?? emptyBlocks(), scene }),
  );
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
  connected: ReadonlySet<string>;
}

const namesIn = (series: readonly Series[], label: string): ReadonlySet<string> =>
  new Set(series.flatMap(({ labels }) => labels[label] ?? []));

/** The view that would decide, as the gate chooses it; without any series that of the servers. */
function viewOf({ namespaces }: Wave, { reportedBy, called: calledIn }: Asked): View {
  const traffic = (seen: ReadonlySet<string>) => ({
    ...noTraffic,
    requests: namespaces.filter((name) => seen.has(name)).length,
  });
  const deciding = decidingView({
    serverSide: traffic(reportedBy('destination')),
    clientSide: traffic(calledIn),
    outbound: traffic(reportedBy('source')),
  });
  return [served, called, made].find(({ name }) => name === deciding) ?? served;
}

/** Of each wave: what servers answered in the namespaces that come after it, or in no wave at all. */
function restsOf(history: readonly Series[], { waves, settings, now }: Scene): readonly (readonly Failures[])[] {
  const byNamespace = blocksBy(history, now, (labels) => [labels[settings.labels.namespace] ?? '']);
  let rest: readonly Failures[] = blocksBy(history, now, () => []).get('') ?? emptyBlocks();
  return waves.map(({ namespaces }) => {
    for (const name of namespaces) rest = without(rest, byNamespace.get(name) ?? emptyBlocks());
    return rest;
  });
}

const without = (all: readonly Failures[], own: readonly Failures[]): readonly Failures[] =>
  all.map((block, index) => {
    const less = (of: keyof Failures) => Math.max(0, block[of] - (own[index]?.[of] ?? 0));
    return { requests: less('requests'), error: less('error'), lost: less('lost'), refusal: less('refusal') };
  });

function waveSight(
  { name, namespaces }: Wave,
  view: View,
  {
    asked,
    history,
    rest,
    scene,
  }: { asked: Asked; history: readonly Series[]; rest: readonly Failures[]; scene: Scene },
): WaveSight {
  const { settings, now, pods } = scene;
  const chosen = new Set(namespaces);
  const { namespace, pod: podLabel } = settings.labels;
  const isOfWave = (each: Series) => chosen.has(each.labels[namespace] ?? '');
  const scrapeMs = scrapeIntervalOf(asked.intervals.filter(isOfWave));
  const measured = atLeast(scrapeMs, settings);
  const scrapes = asked.scrapes.filter(isOfWave);
  const fresh = new Set(
    scrapes.filter(isFresh({ until: now, settings: measured })).map(({ labels }) => podNamer(scene)(labels)),
  );
  const own = namespaces.flatMap((each) => (pods.get(each) ?? []).map((pod) => `${each}/${pod}`));
  const used = namespaces.filter((each) => (pods.get(each) ?? []).length > 0);
  const [servers, clients] = [asked.reportedBy('destination'), asked.reportedBy('source')];
  const unserved = used.filter((each) => !servers.has(each));
  const silent = unserved.filter((each) => !asked.called.has(each) && !clients.has(each));
  const label = view.part(scene).namespace;
  const nameOf = partOf(view, scene);
  const parts = blocksBy(
    history.filter(({ labels }) => chosen.has(labels[label] ?? '')),
    now,
    (labels) => [nameOf(labels)],
  );
  const workloads = parts.size - (parts.has('') ? 1 : 0);
  const normals = normalsOfParts(parts, rest);
  const part = (blocks: readonly Failures[], named?: string) =>
    powerOf(
      {
        ...(named !== undefined && { part: named }),
        rate: (1000 * (blocks.at(-1)?.requests ?? 0)) / blockMs,
        normal: normals.get(named ?? '')?.error ?? normalOf([]),
        workloads,
      },
      measured,
    );
  const counted = [servers, asked.called, clients].some((seen) => namespaces.some((each) => seen.has(each)));
  const restNow = ((rest.at(-1)?.requests ?? 0) * settings.watchMs) / blockMs;
  return {
    wave: name,
    pods: own.length,
    unscraped: own.filter((each) => !fresh.has(each)),
    ...(scrapeMs !== undefined && { scrapeMs }),
    lacking: labelsLacking(asked.labels, chosen, scene),
    hasPodLabel: scrapes.length === 0 || scrapes.some(({ labels }) => (labels[podLabel] ?? '') !== ''),
    clientsOnly: unserved.filter((each) => asked.called.has(each)),
    tcpOnly: silent.filter((each) => asked.connected.has(each)),
    silent: silent.filter((each) => !asked.connected.has(each)),
    seesClients: namespaces.some((each) => asked.called.has(each)),
    ...(counted && { decides: view.name }),
    historyMs: blockMs * (parts.get('') ?? []).filter(({ requests }) => requests > 0).length,
    rest: restNow,
    hasRest: restNow >= restNeeded,
    power: part(parts.get('') ?? emptyBlocks()),
    workloads: [...parts].flatMap(([named, blocks]) => (named === '' ? [] : [{ part: named, ...part(blocks, named) }])),
  };
}
