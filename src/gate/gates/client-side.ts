import { noTraffic, type Traffic } from '../../model/evidence.ts';
import { countTraffic } from '../count-traffic.ts';
import type { Gate } from '../gate.ts';
import { judgeTraffic, ratiosOfTraffic } from '../judge-traffic.ts';
import { called } from '../views.ts';

/** What clients saw of the wave's services. While pods are replaced, clients see the cost of the restart: that is told, and not judged. */
export const clientSide: Gate<Traffic> = {
  label: called.words.error,
  about: 'traffic',
  nothing: noTraffic,
  traffic: { label: 'as its clients saw it', of: (traffic) => traffic },
  *count(look) {
    return look.readyAt === undefined ? noTraffic : yield* countTraffic(called, look);
  },
  judge: (traffic, settings, evidence) => judgeTraffic(called, traffic, settings, evidence),
  ratios: (traffic, settings, evidence) => ratiosOfTraffic(called, traffic, settings, evidence),
  // Whether clients are scraped is asked for every wave.
  inspect: () => [],
};
