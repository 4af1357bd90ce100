import { noTraffic, type Traffic } from '../../model/evidence.ts';
import { defineFinding, type Finding } from '../../model/finding.ts';
import type { Answer } from '../../ports/prometheus.ts';
import { type Asking, query } from '../asking.ts';
import { countTraffic } from '../count-traffic.ts';
import type { Beforehand, Gate } from '../gate.ts';
import { judgeTraffic } from '../judge-traffic.ts';
import { called, type View } from '../views.ts';
import { isServerSideSeen, seriesOf } from './server-side.ts';

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
  inspect: (beforehand) => [inspect(beforehand, called)],
};

function* inspect(beforehand: Beforehand, view: View): Asking<readonly Finding[], Answer> {
  const text = seriesOf(view, beforehand);
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
