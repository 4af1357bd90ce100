import { noTraffic, type Traffic } from '../../model/evidence.ts';
import { countTraffic } from '../count-traffic.ts';
import type { Gate } from '../gate.ts';
import { judgeTraffic, ratiosOfTraffic } from '../judge-traffic.ts';
import { made } from '../views.ts';

/** Calls that the wave's pods made: their new proxies are the clients. */
export const outbound: Gate<Traffic> = {
  label: made.words.error,
  about: 'traffic',
  nothing: noTraffic,
  traffic: { label: 'calls that it made itself', of: (traffic) => traffic },
  count: (look) => countTraffic(made, look),
  judge: (traffic, settings, evidence) => judgeTraffic(made, traffic, settings, evidence),
  ratios: (traffic, settings, evidence) => ratiosOfTraffic(made, traffic, settings, evidence),
  // A wave of servers makes no calls.
  inspect: () => [],
};
