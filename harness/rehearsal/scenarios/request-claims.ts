import { failuresOf, type SeenRequests } from '../../proof/kind/requests.ts';
import { SCRAPE_MS } from '../../proof/kind/scrape.ts';
import type { Expectations } from './expectations.ts';

/** What the clients of a mesh got in a while. */
export interface Served {
  requests: readonly SeenRequests[];
  seconds: number;
}

/**
 * That each client called without a pause is always claimed, and that the gateways counted about what
 * was sent to workloads that always have a pod; that no request
 * failed only where the release is well, of workloads whose new pods are ready before the old ones go.
 */
export function expectServed(expectations: Expectations, { requests, seconds }: Served, releaseIsWell: boolean): void {
  for (const each of requests) {
    const failures = failuresOf(each);
    const mayFail = !each.mayNotFail || !releaseIsWell;
    expectations.expect(
      `${nameOf(each)} was called more than once a second${mayFail ? '' : ', and no request failed'}`,
      each.sent > 0 && each.sent >= seconds && (failures === 0 || mayFail),
      `${failures} of ${each.sent} requests failed in ${Math.round(seconds)} s`,
    );
  }
  // A failure without a healthy endpoint has no destination in the counters; only workloads that cannot surge have those.
  const compared = requests.filter(({ counted, mayNotFail }) => counted !== undefined && mayNotFail);
  if (compared.length === 0) return;
  const apart = compared.filter((each) => !isCounted(each, seconds));
  expectations.expect(
    'the gateways counted about what the client outside sent, and what failed of it',
    apart.length === 0,
    apart.map((each) => `${nameOf(each)}: ${countsOf(each)}`).join('; '),
  );
}

/** Counters are a scrape interval old at the beginning and at the end; a request that reached no gateway is not counted. */
function isCounted({ sent, counted, ...rest }: SeenRequests, seconds: number): boolean {
  if (counted === undefined) return true;
  const ofTwoScrapes = (sent / seconds) * 2 * SCRAPE_SECONDS;
  const tolerance = Math.max(20, sent * 0.05, ofTwoScrapes);
  const failures = failuresOf({ sent, ...rest });
  return Math.abs(counted.sent - sent) <= tolerance && Math.abs(counted.failed - failures) <= tolerance;
}

const SCRAPE_SECONDS = SCRAPE_MS / 1000;

const nameOf = ({ client, target }: SeenRequests): string => `${target} (${client})`;

/** A line for each client and workload. */
export function requestLines(requests: readonly SeenRequests[]): readonly string[] {
  const width = Math.max(0, ...requests.map((each) => nameOf(each).length));
  return requests.map((each) => {
    const failures = Object.entries(each.failed).map(([how, count]) => `${how}: ${count}`);
    const when = each.failedAt.length === 0 ? '' : `, failures in ${each.failedAt.length} s`;
    const details = [...failures, `slowest ${each.slowestMs} ms`].join(', ');
    return `${nameOf(each).padEnd(width)}  ${countsOf(each)} (${details}${when})`;
  });
}

/** `1 of 100 failed; the gateways counted 0 of 99` */
const countsOf = (each: SeenRequests): string =>
  `${failuresOf(each)} of ${each.sent} failed${each.counted === undefined ? '' : `; the gateways counted ${each.counted.failed} of ${each.counted.sent}`}`;
