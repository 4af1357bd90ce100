import type { Count, Traffic } from '../../model/evidence.ts';
import { noTraffic } from '../../model/evidence.ts';
import { defineFinding, type Finding } from '../../model/finding.ts';
import { percent } from '../../model/percent.ts';
import type { Answer, Series } from '../../ports/prometheus.ts';
import { type Asking, query } from '../asking.ts';
import { countTraffic } from '../count-traffic.ts';
import { endings } from '../endings.ts';
import { failureClassOf } from '../failures.ts';
import { type Beforehand, type Gate, podNamer } from '../gate.ts';
import { historyMs } from '../history.ts';
import { increaseOf, selector } from '../increase.ts';
import { judgeTraffic, ratiosOfTraffic } from '../judge-traffic.ts';
import { disasterRatio } from '../root/windows.ts';
import { served } from '../views.ts';

export const GateRedBeforeStart = defineFinding({
  code: 'GATE_RED_BEFORE_START',
  severity: 'blocks',
  title: 'The canary wave fails far more requests than usual before the upgrade begins.',
  cause:
    'An incident is under way, or the service is broken. Without a history of metrics gate.errorRatio counts as usual, and may be below what is normal for it.',
  fix: 'Repair the service, choose another canary, wait until Prometheus has some hours of it, or set gate.errorRatio above what is normal here.',
  blames: 'workload',
  isAboutGate: true,
});

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

/** What the canary fails in the last minutes, and in the hours before them, by pods that live now. */
function* inspect(beforehand: Beforehand): Asking<readonly Finding[], Answer> {
  const { namespaces, settings, pods, started } = beforehand;
  const { labels, errorRatioMax, minRequests, watchMs } = settings;
  const by = `${labels.namespace}, ${labels.pod}, ${endings}`;
  const counters = selector('istio_requests_total', served.matchers(namespaces, beforehand), beforehand);
  const [recent, before] = yield* query(
    { query: increaseOf(counters, watchMs, by) },
    { query: increaseOf(counters, historyMs, by) },
  );
  const podOf = podNamer(beforehand);
  const count = ({ series }: Answer): Count => {
    const own = series.filter(({ labels: each }) => pods.has(podOf(each)));
    return {
      requests: sum(own),
      errors: sum(own.filter(({ labels: each }) => failureClassOf(each) === 'error')),
    };
  };
  const late = count(recent);
  const hours = count(before);
  const earlier = { requests: hours.requests - late.requests, errors: hours.errors - late.errors };
  // With history, what is usual is the yardstick, however much it is: only an incident that is under way blocks.
  const limit =
    earlier.requests < minRequests
      ? errorRatioMax
      : disasterRatio + (2 * Math.max(0, earlier.errors)) / earlier.requests;
  if (started || late.requests < minRequests || late.errors / late.requests <= limit) return [];
  return [
    GateRedBeforeStart.of(
      `${percent(late.errors / late.requests)} of the canary's requests fail already, before the upgrade; ${
        earlier.requests < minRequests
          ? 'it has no history that shows whether this is usual'
          : `usually ${percent(Math.max(0, earlier.errors) / earlier.requests)} fail`
      }, and the limit is ${percent(limit)}.`,
      namespaces,
    ),
  ];
}

const sum = (series: readonly Series[]): number => series.reduce((all, { value }) => all + value, 0);
