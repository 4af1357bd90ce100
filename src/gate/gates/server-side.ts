import type { Traffic } from '../../model/evidence.ts';
import { noTraffic } from '../../model/evidence.ts';
import type { Finding } from '../../model/finding.ts';
import type { Answer } from '../../ports/prometheus.ts';
import type { Asking } from '../asking.ts';
import { countTraffic } from '../count-traffic.ts';
import { endings } from '../endings.ts';
import { failureClassOf } from '../failures.ts';
import type { Beforehand, Gate } from '../gate.ts';
import { increaseOf, selector } from '../increase.ts';
import { judgeTraffic, ratiosOfTraffic } from '../judge-traffic.ts';
import { redBeforeStart } from '../red-before-start.ts';
import { served } from '../views.ts';

/** What the wave's pods answered. It decides whether there was enough traffic to judge at all. */
export const serverSide: Gate<Traffic> = {
  label: served.words.error,
  about: 'traffic',
  nothing: noTraffic,
  traffic: { label: 'as its pods counted it', of: (traffic) => traffic },
  count: (look) => countTraffic(served, look),
  judge: (traffic, settings, evidence) => judgeTraffic(served, traffic, settings, evidence),
  ratios: (traffic, settings, evidence) => ratiosOfTraffic(served, traffic, settings, evidence),
  inspect: (beforehand) => [inspect(beforehand)],
};

function inspect(beforehand: Beforehand): Asking<readonly Finding[], Answer> {
  const { namespaces, settings } = beforehand;
  const by = `${settings.labels.namespace}, ${settings.labels.pod}, ${endings}`;
  const counters = selector('istio_requests_total', served.matchers(namespaces, beforehand), beforehand);
  return redBeforeStart(
    {
      what: 'requests',
      inTime: (ms) => increaseOf(counters, ms, by),
      isFailed: (labels) => failureClassOf(labels) === 'error',
    },
    beforehand,
  );
}
