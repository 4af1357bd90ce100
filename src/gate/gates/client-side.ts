import { noTraffic, type Traffic } from '../../model/evidence.ts';
import { defineFinding, type Finding } from '../../model/finding.ts';
import type { Answer } from '../../ports/prometheus.ts';
import { type Asking, between, query, type Reading } from '../asking.ts';
import { countTraffic } from '../count-traffic.ts';
import { alternation, type Beforehand, type Gate, type Look, podNamer, type Scope } from '../gate.ts';
import { judgeRatio, requestsWhere } from '../traffic.ts';
import { isServerSideSeen } from './server-side.ts';

export const GateSeesOneSide = defineFinding({
  code: 'GATE_SEES_ONE_SIDE',
  severity: 'warns',
  title: 'Prometheus has no metrics of the clients of the canary wave.',
  cause:
    'The clients are outside the mesh or are not scraped. Requests that fail before they reach a server will not be seen.',
  fix: 'Scrape the clients of the canary as well.',
  blames: 'person',
  isAboutGate: true,
});

/** Calls to the wave's services as their clients saw them. What never reached a server is only here: UF, UH, NR, failed handshakes. */
export const clientSide: Gate<Traffic> = {
  label: 'client-side errors',
  about: 'traffic',
  nothing: noTraffic,
  traffic: { label: 'as its clients saw it', of: (traffic) => traffic },
  count,
  judge: (traffic, settings) => [judgeRatio(traffic, settings)],
  inspect: (beforehand) => [inspect(beforehand)],
};

/** Calls to the services of the wave. */
export const callsTo = ({ namespaces }: Scope): string =>
  `reporter="source", destination_service_namespace=~"${alternation(namespaces)}"`;

const requestsTowards = (scope: Scope): string => requestsWhere(callsTo(scope), scope);

function* count(look: Look): Asking<Traffic, Reading> {
  const readings = yield* between(requestsTowards(look), look.since, look.until);
  return readings === undefined ? noTraffic : countTraffic(readings, { podOf: podNamer(look), created: look.pods });
}

function* inspect(beforehand: Beforehand): Asking<readonly Finding[], Answer> {
  const text = requestsTowards(beforehand);
  const [{ series }] = yield* query({ query: text });
  if (series.length > 0 || !(yield* isServerSideSeen(beforehand))) return [];
  const canary = beforehand.namespaces.join(', ');
  return [
    GateSeesOneSide.of(
      `Prometheus has no istio_requests_total (reporter="source") towards ${canary}; failures that never reach a server will not be seen.`,
      [text],
    ),
  ];
}
