import type { Traffic } from '../../model/evidence.ts';
import { noTraffic } from '../../model/evidence.ts';
import { defineFinding, type Finding } from '../../model/finding.ts';
import type { Answer } from '../../ports/prometheus.ts';
import { type Asking, query } from '../asking.ts';
import { countTraffic } from '../count-traffic.ts';
import { alternation, type Beforehand, type Gate, podNamer, type Scope } from '../gate.ts';
import { countOfThePods, judgeNamespaces, judgeRatio, requestsWhere } from '../traffic.ts';

export const GateBlind = defineFinding({
  code: 'GATE_BLIND',
  severity: 'blocks',
  title: 'Prometheus has no request metrics of the canary wave with the labels that the gate needs.',
  cause:
    'The proxies of the canary are not scraped, relabelling drops the labels of namespace and pod, or the canary has no traffic.',
  fix: 'Scrape the proxies, correct gate.labels, or choose a canary that has traffic.',
  blames: 'person',
  isAboutGate: true,
});

export const GateRedBeforeStart = defineFinding({
  code: 'GATE_RED_BEFORE_START',
  severity: 'blocks',
  title: 'The canary wave fails more requests than the limit before the upgrade begins.',
  cause: 'The service is broken already, or gate.errorRatio is below what is normal for it.',
  fix: 'Repair the service, choose another canary, or set gate.errorRatio above what is normal here.',
  blames: 'workload',
  isAboutGate: true,
});

/** What the wave's pods answered. It decides whether there was enough traffic to judge at all. */
export const serverSide: Gate<Traffic> = {
  label: 'server-side errors',
  about: 'traffic',
  nothing: noTraffic,
  traffic: { label: 'as its pods counted it', of: (traffic) => traffic },
  count: (look) => countOfThePods(requestsTo(look), look),
  judge: (traffic, settings) => [
    judgeRatio(traffic, settings, settings.minRequests),
    ...judgeNamespaces(traffic, settings),
  ],
  inspect: (beforehand) => [inspect(beforehand)],
};

const requestsTo = (scope: Scope): string =>
  requestsWhere(
    `reporter="destination", ${scope.settings.labels.namespace}=~"${alternation(scope.namespaces)}"`,
    scope,
  );

function* inspect(beforehand: Beforehand): Asking<readonly Finding[], Answer> {
  const { namespaces, settings, pods, started, now } = beforehand;
  const text = requestsTo(beforehand);
  const [after, before] = yield* query(
    { query: text },
    { query: text, at: now - settings.settleMs - settings.watchMs },
  );
  if (!isLabelled(after, beforehand))
    return [
      GateBlind.of(
        `Prometheus has no istio_requests_total (reporter="destination") with labels ${settings.labels.namespace} and ${settings.labels.pod} for ${namespaces.join(', ')}.`,
        [text],
      ),
    ];
  const { requests, errors } = countTraffic(
    { before: before.series, after: after.series },
    { podOf: podNamer(beforehand), created: new Set(), wanted: pods },
  );
  if (started || requests < settings.minRequests || errors / requests <= settings.errorRatioMax) return [];
  return [
    GateRedBeforeStart.of(
      `${((100 * errors) / requests).toPrecision(2)} % of the canary's requests fail already, before the upgrade; the limit is ${100 * settings.errorRatioMax} %.`,
      namespaces,
    ),
  ];
}

/** Whether Prometheus has the server side with the labels that counts are split by. Without it, a missing client side is no news. */
export function* isServerSideSeen(beforehand: Beforehand): Asking<boolean, Answer> {
  const [answer] = yield* query({ query: requestsTo(beforehand) });
  return isLabelled(answer, beforehand);
}

const isLabelled = ({ series }: Answer, { settings: { labels } }: Scope): boolean =>
  series.some((each) => each.labels[labels.namespace] !== undefined && each.labels[labels.pod] !== undefined);
