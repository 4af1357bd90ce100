import { intervalsPerMinute, type Peer, sumOver } from './peer.ts';

/** The least share of requests that must succeed, in percent, as in Flagger's tutorial for Istio. */
const successMin = 99;

/**
 * Flagger with its built-in `request-success-rate`: each minute the share of the last minute. Failed checks add up over the whole analysis
 * and are never forgotten; a minute without requests is a failed check. Flagger rolls back one minute after the threshold was reached; this
 * emulator does so at once.
 * @param threshold failed checks until it rolls back: 5 in the tutorial, 1 by default
 */
export const flagger =
  (threshold: number): Peer =>
  ({ server }) => {
    let failed = 0;
    for (let end = intervalsPerMinute; end <= server.requests.length; end += intervalsPerMinute) {
      const requests = sumOver(server.requests, end - intervalsPerMinute, end);
      const errors = sumOver(server.errors, end - intervalsPerMinute, end);
      if (requests > 0 && (100 * (requests - errors)) / requests >= successMin) continue;
      failed++;
      if (failed >= threshold) return end;
    }
    return undefined;
  };
