import { intervalsPerMinute, type Peer } from './peer.ts';

const lookEvery = 5 * intervalsPerMinute;
const successMin = 0.95;
const failureLimit = 3;

/**
 * Argo Rollouts with the analysis of its documentation: every five minutes `irate(…[5m])` as the clients counted it, success condition
 * `result[0] >= 0.95`, failure limit 3. `irate` takes the last two samples alone, so one scrape interval decides; without requests the
 * answer is not a number, which is not a success.
 */
export const argoRollouts: Peer = ({ client: { requests, errors } }) => {
  let failed = 0;
  for (let end = lookEvery; end <= requests.length; end += lookEvery) {
    const all = requests[end - 1] ?? 0;
    if (all > 0 && (all - (errors[end - 1] ?? 0)) / all >= successMin) continue;
    failed++;
    if (failed > failureLimit) return end;
  }
  return undefined;
};
