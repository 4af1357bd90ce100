import { noTraffic, type Traffic } from '../model/evidence.ts';
import type { GateSettings } from '../model/gate-settings.ts';
import { type Asking, between, type Reading } from './asking.ts';
import { countTraffic, withBefore } from './count-traffic.ts';
import { type Judgement, type Look, podNamer, type Scope } from './gate.ts';
import { plausibleRatios } from './wilson.ts';
import { percent } from './words.ts';

/** Raw counters of requests by pod and class, so that new series, resets and revisions are told apart here. */
export const requestsWhere = (selector: string, scope: Scope): string =>
  byPodAndClass(`istio_requests_total{${selector}}`, scope);

/** The same, also of pods that ended in a window before the moment: each counter at its highest. */
export const highestRequestsWhere = (selector: string, windowMs: number, scope: Scope): string =>
  byPodAndClass(`max_over_time(istio_requests_total{${selector}}[${Math.ceil(windowMs / 1000)}s])`, scope);

function byPodAndClass(counters: string, { settings: { labels } }: Scope): string {
  const classes = 'response_code, grpc_response_status, response_flags';
  return `sum by (${labels.namespace}, ${labels.pod}, ${classes}) (${counters})`;
}

/** Requests of the wave's own pods; of namespaces where some fail, also how they did before their wave. */
export function* countOfThePods(query: string, look: Look): Asking<Traffic, Reading> {
  const readings = yield* between(query, look.since, look.until);
  if (readings === undefined) return noTraffic;
  const podOf = podNamer(look);
  const traffic = countTraffic(readings, { podOf, created: look.pods, wanted: look.pods });
  if (traffic.namespaces.length === 0) return traffic;
  const earlier = yield* between(query, look.startedAt - look.settings.bakeMs, look.startedAt);
  return earlier === undefined ? { ...traffic, namespaces: [] } : withBefore(traffic, earlier, podOf);
}

/** Fewer requests than this prove nothing. */
const fewestRequests = 10;
/** Fewer failures than this do not make one among many namespaces stand out. */
const fewestFailures = 10;
/** How far beyond chance a ratio must be above its limit, in standard deviations: of a wave, and of one among its namespaces. */
const certainty = 3;
const certaintyOfOne = 5;

/** @param minRequests without so many there is no pass; traffic that may be absent needs none */
export function judgeRatio({ requests, errors }: Traffic, settings: GateSettings, minRequests = 0): Judgement {
  const ratio = requests === 0 ? 0 : errors / requests;
  const value = `${percent(ratio)} of ${requests} requests`;
  const limit = percent(settings.errorRatioMax);
  if (requests >= fewestRequests && plausibleRatios({ errors, requests }, certainty).least > settings.errorRatioMax)
    return { verdict: 'fail', value, limit };
  if (requests < minRequests)
    return { verdict: 'inconclusive', value: `${requests} requests`, limit: `${minRequests} requests` };
  // Above the limit, but possibly by chance: more requests will decide.
  return { verdict: ratio > settings.errorRatioMax ? 'inconclusive' : 'pass', value, limit };
}

/**
 * The traffic of other namespaces must not hide a namespace that fails. If it failed as much before its wave, the upgrade is not the
 * cause. A false alarm is possible in each of a thousand namespaces, so much more certainty is required.
 */
export function judgeNamespaces({ namespaces, ...all }: Traffic, settings: GateSettings): readonly Judgement[] {
  return namespaces.flatMap(({ namespace, requests, errors, before }): Judgement[] => {
    if (requests === all.requests || errors < fewestFailures) return [];
    const was = before.requests === 0 ? 0 : plausibleRatios(before, certainty).most;
    const limit = Math.max(settings.errorRatioMax, was);
    if (plausibleRatios({ errors, requests }, certaintyOfOne).least <= limit) return [];
    return [
      {
        verdict: 'fail',
        part: namespace,
        value: `${percent(errors / requests)} of ${requests} requests`,
        limit: percent(limit),
      },
    ];
  });
}
