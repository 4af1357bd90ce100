import type { Count } from '../model/evidence.ts';
import { defineFinding, type Finding } from '../model/finding.ts';
import { percent } from '../model/percent.ts';
import type { Answer, Series } from '../ports/prometheus.ts';
import { type Asking, query } from './asking.ts';
import { type Beforehand, podNamer } from './gate.ts';
import { historyMs } from './history.ts';
import { disasterRatio } from './root/windows.ts';

export const GateRedBeforeStart = defineFinding({
  code: 'GATE_RED_BEFORE_START',
  severity: 'blocks',
  title: 'The canary wave fails far more requests or connections than usual before the upgrade begins.',
  cause:
    'An incident is under way, or the service is broken. Without a history of metrics gate.errorRatio counts as usual, and may be below what is normal for it.',
  fix: 'Repair the service, choose another canary, wait until Prometheus has some hours of it, or set gate.errorRatio above what is normal here.',
  blames: 'workload',
  isAboutGate: true,
});

interface Counted {
  /** For example `requests`. */
  what: string;
  /** PromQL for how many there were in a time, by pod and by how they ended. */
  inTime(ms: number): string;
  isFailed(labels: Series['labels']): boolean;
}

/** What the canary fails in the last minutes, and in the hours before them, by pods that live now. */
export function* redBeforeStart(
  { what, inTime, isFailed }: Counted,
  beforehand: Beforehand,
): Asking<readonly Finding[], Answer> {
  const { namespaces, pods, started } = beforehand;
  const { errorRatioMax, minRequests, watchMs } = beforehand.settings;
  const [recent, before] = yield* query({ query: inTime(watchMs) }, { query: inTime(historyMs) });
  const podOf = podNamer(beforehand);
  const count = ({ series }: Answer): Count => {
    const own = series.filter(({ labels }) => pods.has(podOf(labels)));
    return { requests: sum(own), errors: sum(own.filter(({ labels }) => isFailed(labels))) };
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
      `${percent(late.errors / late.requests)} of the canary's ${what} fail already, before the upgrade; ${
        earlier.requests < minRequests
          ? 'it has no history that shows whether this is usual'
          : `usually ${percent(Math.max(0, earlier.errors) / earlier.requests)} fail`
      }, and the limit is ${percent(limit)}.`,
      namespaces,
    ),
  ];
}

const sum = (series: readonly Series[]): number => series.reduce((all, { value }) => all + value, 0);
