import type { RequestCounts } from './counting-connection.ts';
import type { Measurement } from './measure.ts';
import type { Measured, Results } from './results.ts';
import { clockTime, mebibytes, mib } from './units.ts';

/** One promise, and what was measured of it. */
export interface Figure {
  what: string;
  limit: string;
  is: string;
  reached: boolean;
}

const limits = {
  overhead: 1.05,
  timesOneAtATime: 20,
  requestsPerWorkload: 1.2,
  rehearsalSeconds: 60,
  rehearsalBytes: 2048 * mib,
  rssBytes: 200 * mib,
  lookMs: 200,
  lookQueries: 20,
};

/** What the requests of a run were for is the key without its verb. */
const purposeOf = (key: string) => key.replace(/ [a-z-]+( create)?$/, '');
export const requestsTo = (requests: RequestCounts, picks: (purpose: string) => boolean): number =>
  Object.entries(requests).reduce((sum, [key, count]) => (picks(purposeOf(key)) ? sum + count : sum), 0);

/** Journal, lock and gate grow with time and waves, not with workloads. */
const uncounted = new Set(['journal', 'lock', 'prometheus']);

/** Lists, watches, checks and writes. */
export const requestsPerWorkload = ({ requests, workloads }: Pick<Measurement, 'requests' | 'workloads'>): number =>
  requestsTo(requests, (purpose) => !uncounted.has(purpose)) / workloads;

export const overheadOf = ({ wallMs, criticalPath }: Measurement): number => wallMs / criticalPath.totalMs;

/** Every promise of which something was measured. */
export function figuresOf({ runs, weights, looks }: Results): readonly Figure[] {
  const ours = runs.filter(({ contender }) => contender === 'ours');
  const at = (size: number) => ours.filter(({ namespaces }) => namespaces === size);
  const atEverySize = (value: (run: Measured) => number, digits: number) =>
    ours.map((run) => `${value(run).toFixed(digits)} at ${run.namespaces}`).join(', ');
  return [
    {
      what: 'time over critical path',
      limit: `at most ${limits.overhead} at every size`,
      is: atEverySize(overheadOf, 3),
      reached: ours.every((run) => overheadOf(run) <= limits.overhead),
    },
    {
      what: 'API requests per workload',
      limit: `at most ${limits.requestsPerWorkload} at every size`,
      is: atEverySize(requestsPerWorkload, 2),
      reached: ours.every((run) => requestsPerWorkload(run) <= limits.requestsPerWorkload),
    },
    ...at(100).map(({ oneAtATimeMs, wallMs }) => ({
      what: 'times as fast as one workload at a time, at 100 namespaces',
      limit: `at least ${limits.timesOneAtATime}`,
      is: `${(oneAtATimeMs / wallMs).toFixed(1)} (${clockTime(wallMs)} against ${clockTime(oneAtATimeMs)})`,
      reached: oneAtATimeMs / wallMs >= limits.timesOneAtATime,
    })),
    ...at(1000).map(({ buildMs, runMs, peakBytes }) => ({
      what: 'a rehearsal of 1,000 namespaces and 10,000 pods on this machine',
      limit: `at most ${limits.rehearsalSeconds} s and ${mebibytes(limits.rehearsalBytes)}`,
      is: `${Math.round((buildMs + runMs) / 1000)} s and ${mebibytes(peakBytes)}`,
      reached: buildMs + runMs <= limits.rehearsalSeconds * 1000 && peakBytes <= limits.rehearsalBytes,
    })),
    ...weights
      .filter(({ what }) => what === 'at rest')
      .map(({ pods, peakRss, heapUsed }) => ({
        what: `peak RSS at ${pods.toLocaleString('en')} pods`,
        limit: `at most ${mebibytes(limits.rssBytes)}`,
        is: `${mebibytes(peakRss)}, of which ${mebibytes(heapUsed)} are held`,
        reached: peakRss <= limits.rssBytes,
      })),
    ...figuresOfLooks(looks),
  ];
}

function figuresOfLooks(looks: Results['looks']): readonly Figure[] {
  const baking = looks?.costs.find(({ what }) => what === 'baking');
  if (looks === undefined || baking === undefined) return [];
  const { peakRss, cpuMs = Number.NaN, queries = Number.NaN } = baking;
  const wave = `a wave of ${looks.pods.toLocaleString('en')} pods that bakes`;
  return [
    {
      what: `peak RSS with the answers of Prometheus, ${wave}`,
      limit: `at most ${mebibytes(limits.rssBytes)}`,
      is: mebibytes(peakRss),
      reached: peakRss <= limits.rssBytes,
    },
    {
      what: `processor time of a look, ${wave}`,
      limit: `at most ${limits.lookMs} ms`,
      is: `${Math.round(cpuMs)} ms`,
      reached: cpuMs <= limits.lookMs,
    },
    {
      what: `queries of a look, ${wave}`,
      limit: `at most ${limits.lookQueries}`,
      is: String(queries),
      reached: queries <= limits.lookQueries,
    },
  ];
}
