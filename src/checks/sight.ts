import { tolerance } from '../gate/scrape-interval.ts';
import { gatewayWaveName } from '../mesh/gateway-wave.ts';
import { defineFinding } from '../model/finding.ts';
import { percent } from '../model/percent.ts';
import type { Plan } from '../model/plan.ts';
import type { LabelLacking, WaveSight } from '../model/sight.ts';
import { notAsked, type World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

export const GateBlind = defineFinding({
  code: 'GATE_BLIND',
  severity: 'blocks',
  title: 'Prometheus has no metrics of requests or connections of the canary wave with the labels that the gate needs.',
  cause:
    'The proxies of the canary are not scraped, relabelling drops the labels of namespace and pod, or the canary has no traffic.',
  fix: 'Scrape the proxies, correct gate.labels, or choose a canary that has traffic.',
  blames: 'person',
  isAboutGate: true,
});

const SightUnknown = defineFinding({
  code: 'GATE_SIGHT_UNKNOWN',
  severity: 'warns',
  title: 'What the gate would see of each wave is not known.',
  cause: 'A query about the history or the labels of the metrics failed, although Prometheus answers others.',
  fix: 'Read the message: most often a limit on samples or on the time of a query is too low for six hours of istio_requests_total.',
  blames: 'person',
  isAboutGate: true,
});

const LabelLost = defineFinding({
  code: 'GATE_LABEL_LOST',
  severity: 'blocks',
  title: 'The request metrics of a wave lack a label, or it has values that the gate cannot read.',
  cause:
    'A relabelling rule at the scrape, a recording rule or a tag override of the Telemetry API removes or rewrites it. Without response_code every failed request counts as a success; without grpc_response_status every failed gRPC call does; without reporter no request is counted. Without response_flags a client that hangs up counts as a failure, and a missing route does not.',
  fix: 'Keep the label as the proxies export it.',
  blames: 'person',
  isAboutGate: true,
});

const ScrapedSeldom = defineFinding({
  code: 'GATE_SCRAPED_SELDOM',
  severity: 'notes',
  title: 'Prometheus scrapes the pods of a wave less often than gate.interval says.',
  cause:
    'gate.interval is how often the gate looks; there are new numbers only after a scrape. The gate measures the time between scrapes and accepts samples that are three times as old.',
  fix: 'Set gate.interval to the scrape interval, or scrape the proxies more often: a failure is noticed one scrape later at most.',
  blames: 'person',
  isAboutGate: true,
});

const PodNotScraped = defineFinding({
  code: 'POD_NOT_SCRAPED',
  severity: 'warns',
  title: 'Prometheus has no fresh sample of some pods of a wave.',
  cause:
    'Their workload is not a target of the scrape, a NetworkPolicy keeps Prometheus away, or a label of gate.labels has other values. As long as one pod of a wave is not scraped, the wave does not pass.',
  fix: 'Scrape these pods (annotations or PodMonitor for port 15020), or correct gate.labels.',
  blames: 'person',
  isAboutGate: true,
});

const WaveWithoutPods = defineFinding({
  code: 'WAVE_WITHOUT_PODS',
  severity: 'notes',
  title: 'A wave has no pod with a sidecar, so there is nothing to judge in it.',
  cause: 'Its workloads are scaled to zero, or its namespaces are only prepared.',
  fix: 'Nothing has to be done. To have its workloads judged, scale them up before the upgrade.',
  blames: 'person',
  isAboutGate: true,
});

const WaveWithoutRequests = defineFinding({
  code: 'WAVE_WITHOUT_REQUESTS',
  severity: 'warns',
  title: 'Prometheus counts no request and no TCP connection of a wave.',
  cause:
    'Its pods have no traffic, or they are not scraped. A wave never passes without traffic, so the run would be held there.',
  fix: 'Send load to it during its bake, put its namespaces into a wave that has traffic, or let its workloads keep the old proxy by `waivers`.',
  blames: 'person',
  isAboutGate: true,
});

const GatewaysWithoutRequests = defineFinding({
  code: 'GATEWAYS_WITHOUT_REQUESTS',
  severity: 'warns',
  title: 'Prometheus counts no request and no TCP connection of the gateways.',
  cause:
    'They have no traffic, or they are not scraped. They are restarted all the same, and what they fail with the new proxy would not be noticed.',
  fix: 'Scrape the gateways, or send load through them during the upgrade.',
  blames: 'person',
  isAboutGate: true,
});

const TcpOnly = defineFinding({
  code: 'GATE_SEES_TCP_ONLY',
  severity: 'notes',
  title:
    'A namespace has only TCP connections: it is judged by those that fail, and by the bytes that its servers send.',
  cause:
    'Its protocols are not HTTP or gRPC, or its Service ports do not say so. Istio counts there which connections were opened (istio_tcp_*), and nothing of what is said on them.',
  fix: 'Nothing, if its protocol is not HTTP. Else name the protocol of its ports (appProtocol), so that its requests are judged.',
  blames: 'person',
  isAboutGate: true,
});

const SeesClientsOnly = defineFinding({
  code: 'GATE_SEES_CLIENTS_ONLY',
  severity: 'warns',
  title: 'The servers of a wave report no requests: it is judged by what its clients count.',
  cause:
    'The Telemetry API switches the server metrics off (mode: SERVER), or the servers have no sidecar. Requests from outside the mesh are not counted then, and calls do not show which pod served them.',
  fix: 'Nothing, if all of its clients have sidecars. Else switch the server metrics on (Telemetry, ALL_METRICS, mode: SERVER).',
  blames: 'person',
  isAboutGate: true,
});

const SeesOneSide = defineFinding({
  code: 'GATE_SEES_ONE_SIDE',
  severity: 'warns',
  title: 'Prometheus has no metrics of the clients of a wave.',
  cause:
    'The clients are outside the mesh or are not scraped. Requests that fail before they reach a server will not be seen.',
  fix: 'Scrape the clients of the wave as well.',
  blames: 'person',
  isAboutGate: true,
});

const WithoutHistory = defineFinding({
  code: 'GATE_WITHOUT_HISTORY',
  severity: 'notes',
  title: 'Prometheus has less than an hour of history of a wave, so what usually fails in it is hardly known.',
  cause:
    'Its namespaces are new, or Prometheus has not kept the last hours. Without any history gate.errorRatio is taken as usual; with little, chance in it counts for more.',
  fix: 'Wait some hours, or set gate.errorRatio to what usually fails.',
  blames: 'person',
  isAboutGate: true,
});

const WithoutRest = defineFinding({
  code: 'GATE_WITHOUT_REST',
  severity: 'notes',
  title: 'A wave has no rest of the mesh to be compared with.',
  cause:
    'The namespaces that restart after it serve too little. An incident of all cannot be told from a bad release then: failures below 5 % hold the run instead of rolling back.',
  fix: 'Put a namespace with traffic into a later wave.',
  blames: 'person',
  isAboutGate: true,
});

const finds = [
  GateBlind,
  SightUnknown,
  LabelLost,
  ScrapedSeldom,
  PodNotScraped,
  WaveWithoutPods,
  WaveWithoutRequests,
  GatewaysWithoutRequests,
  TcpOnly,
  SeesClientsOnly,
  SeesOneSide,
  WithoutHistory,
  WithoutRest,
] as const;
type Found = FindingOf<typeof finds>;

export const sight = defineCheck({ looksAt: ['sight'], finds, find: checkSight });

/** Prometheus returns no sample that is older, however the gate asks. */
const lookbackMs = 5 * 60_000;

/** Of less time it is not known how failures vary. */
const shortHistoryMs = 60 * 60_000;

/** What the gate could not see of each wave, by name, before anything is changed. */
function checkSight({ sight }: Pick<World, 'sight'>, { gate }: Pick<Plan, 'gate'>): readonly Found[] {
  if (sight === notAsked) return [];
  if ('unknown' in sight) return [SightUnknown.of(sight.unknown)];
  const { waves } = sight;
  const gateways = waves.filter(isOfGateways);
  const [canary, ...later] = waves.filter((wave) => !isOfGateways(wave));
  if (canary === undefined) return [];
  const judged = waves.filter(({ decides }) => decides !== undefined);
  const empty = later.filter(({ pods, decides }) => pods === 0 && decides === undefined);
  const idle = later.filter(({ pods, decides }) => pods > 0 && decides === undefined);
  const last = waves.at(-1);
  return [
    ...(canary.decides === undefined || !canary.hasPodLabel ? [blind(canary, gate.labels)] : []),
    ...lostLabels(waves),
    ...about(
      PodNotScraped,
      waves.flatMap(unscraped),
      (names) => `Prometheus has no fresh sample of ${counted(names, 'pod')}.`,
    ),
    ...about(
      WaveWithoutRequests,
      idle.map(nameOf),
      (names) => `Prometheus counts no request and no TCP connection of ${waveNames(names)}.`,
    ),
    ...about(
      GatewaysWithoutRequests,
      gateways.filter(({ pods, decides }) => pods > 0 && decides === undefined).map(nameOf),
      () => 'Prometheus counts no request and no TCP connection of the gateways: nothing would be noticed of them.',
    ),
    ...about(
      TcpOnly,
      waves.flatMap(({ tcpOnly }) => tcpOnly),
      (names) =>
        `Only TCP connections are counted in ${counted(names, 'namespace')}: they are judged by the connections that fail, and by the bytes that are sent on them.`,
    ),
    ...about(
      SeesClientsOnly,
      waves.flatMap(({ clientsOnly }) => clientsOnly),
      (names) =>
        `The servers in ${names.length} ${names.length === 1 ? 'namespace' : 'namespaces'} report no requests, so that only what clients counted can be judged there.`,
    ),
    ...about(
      SeesOneSide,
      judged.filter(({ seesClients, decides }) => decides === 'serverSide' && !seesClients).map(nameOf),
      (names) =>
        `Prometheus has no istio_requests_total (reporter="source") towards ${waveNames(names)}; failures that never reach a server will not be seen.`,
    ),
    ...seldom(waves, gate.intervalMs),
    ...about(
      WaveWithoutPods,
      empty.map(nameOf),
      (names) => `There is no pod with a sidecar in ${waveNames(names)}: nothing is judged there.`,
    ),
    ...about(
      WithoutHistory,
      judged.filter(({ historyMs }) => historyMs < shortHistoryMs).map(nameOf),
      (names) =>
        `There is less than an hour of history of ${waveNames(names)}. As long as there is none, ${percent(gate.errorRatioMax)} of failed requests (gate.errorRatio) is taken as usual.`,
    ),
    // That the last wave has nothing to be compared with is so in every upgrade; what the gate would notice says it.
    ...about(
      WithoutRest,
      judged.filter((wave) => !wave.hasRest && wave !== last).map(nameOf),
      (names) =>
        `The rest of the mesh serves too little to compare ${waveNames(names)} with it: failures below 5 % hold the run there instead of rolling back.`,
    ),
  ];
}

const isOfGateways = ({ wave }: WaveSight): boolean => wave === gatewayWaveName;
const nameOf = ({ wave }: WaveSight): string => wave;
const unscraped = ({ wave, unscraped: pods }: WaveSight) => pods.map((pod) => `${pod} (wave ${wave})`);
const waveNames = (names: readonly string[]) =>
  `${names.length === 1 ? 'wave' : 'waves'} ${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;
const counted = (names: readonly string[], noun: string) => `${names.length} ${noun}${names.length === 1 ? '' : 's'}`;

/** One finding for all that it is about; none if there is nothing. */
function about<F extends Found>(
  finding: { of(message: string, objects: readonly string[]): F },
  names: readonly string[],
  message: (names: readonly string[]) => string,
): readonly F[] {
  return names.length === 0 ? [] : [finding.of(message(names), names)];
}

function blind({ wave, hasPodLabel, pods }: WaveSight, labels: Plan['gate']['labels']) {
  const why = pods === 0 ? ' It has no pod with a sidecar.' : '';
  const label = hasPodLabel ? labels.namespace : labels.pod;
  return GateBlind.of(
    `Prometheus has no istio_requests_total and no istio_tcp_connections_opened_total with the label ${label} for wave ${wave}.${why}`,
  );
}

function lostLabels(waves: readonly WaveSight[]): readonly Found[] {
  const labels = [
    ...Map.groupBy(
      waves.flatMap(({ lacking }) => lacking),
      ({ label, metric = 'istio_requests_total' }) => `${label} ${metric}`,
    ),
  ];
  return labels.flatMap(([, each]) => {
    const [first] = each;
    if (first === undefined) return [];
    const { label, metric } = first;
    const namespaces = [...new Set(each.flatMap((lack) => lack.namespaces))].sort();
    const values = [...new Set(each.flatMap((lack) => lack.values))];
    const how = values.length === 0 ? 'is absent from' : `is ${values.slice(0, 5).join(', ')} in`;
    return LabelLost.as(
      metric === undefined ? severityOf[label] : 'blocks',
      `The label ${label} ${how} ${metric ?? 'istio_requests_total'} of ${counted(namespaces, 'namespace')}: ${metric === undefined ? consequence[label] : 'connections that fail look like served ones'}.`,
      namespaces,
    );
  });
}

const severityOf = {
  reporter: 'blocks',
  response_code: 'blocks',
  grpc_response_status: 'blocks',
  response_flags: 'warns',
} as const satisfies Record<LabelLacking['label'], string>;

const consequence = {
  reporter: 'these requests are not counted at all',
  response_code: 'failed requests look like successful ones',
  grpc_response_status: 'failed gRPC calls look like successful ones',
  response_flags: 'clients that hang up count as failures, and routes that are missing do not',
} as const satisfies Record<LabelLacking['label'], string>;

function seldom(waves: readonly WaveSight[], intervalMs: number): readonly Found[] {
  const late = waves.filter(({ scrapeMs = 0 }) => scrapeMs > tolerance * intervalMs);
  const slowest = Math.max(...late.map(({ scrapeMs = 0 }) => scrapeMs));
  if (late.length === 0) return [];
  const isTooSeldom = 3 * slowest > lookbackMs;
  return [
    ScrapedSeldom.as(
      isTooSeldom ? 'warns' : 'notes',
      `Prometheus scrapes the proxies every ${slowest / 1000} s, and gate.interval is ${intervalMs / 1000} s. ${
        isTooSeldom
          ? 'Samples older than 5 min are not returned, so that after two scrapes that fail a pod is not seen.'
          : `The gate accepts samples up to ${(3 * slowest) / 1000} s old, and notices a failure up to ${slowest / 1000} s later.`
      }`,
      late.map(({ wave, scrapeMs = 0 }) => `${wave}: every ${scrapeMs / 1000} s`),
    ),
  ];
}
