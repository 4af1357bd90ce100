import type { RequestCounts } from './bench-door.ts';
import type { Measurement } from './measure.ts';
import type { Measured, Results } from './results.ts';

const mib = 1024 * 1024;
/** What is promised; the page names what is missed. */
const limits = {
  overhead: 1.05,
  timesSerial: 20,
  requestsPerWorkload: 1.2,
  rssBytes: 150 * mib,
  rehearsalSeconds: 60,
  rehearsalBytes: 2048 * mib,
};

const apart = new Set(['journal', 'lock', 'prometheus']);
const purposeOf = (key: string) => key.replace(/ [a-z-]+( create)?$/, '');
const countOf = (requests: RequestCounts, picks: (purpose: string) => boolean): number =>
  Object.entries(requests).reduce((sum, [key, count]) => (picks(purposeOf(key)) ? sum + count : sum), 0);

/** Lists, watches, checks and writes; what a journal, a lock and the gate cost grows with time and waves and is told apart. */
export const requestsPerWorkload = ({ requests, workloads }: Measurement): number =>
  countOf(requests, (purpose) => !apart.has(purpose)) / workloads;

export const overheadOf = ({ wallMs, criticalPath }: Measurement): number => wallMs / criticalPath.totalMs;

/** What somebody decided to wait for: it says nothing about a tool. */
export const patienceOf = ({ criticalPath: { bakesMs, soakMs } }: Measured): number => bakesMs + soakMs;

/** The page as Markdown, written from numbers alone. */
export function performancePage({ machine, runs, weights }: Results): string {
  const ours = runs.filter(({ contender }) => contender === 'ours');
  return `# Performance

Written by \`npm run bench -- --write\` from \`docs/performance.json\`; \`npm run bench -- --help\` says how to measure a part of it.
Measured on ${machine}.
Times of the mesh are virtual: the same on every machine, with the same seed. Times and memory of the machine are not, and are
told as they were found.

The mesh: two Deployments of five pods in each namespace, a gateway, pods that are ready after about a second. The task: one
namespace, then a tenth of them, then the rest; 30 rollouts at a time; a bake of a minute a wave, as long as
the scripts sleep after each namespace; a soak of one minute.

## Time of the mesh
The critical path is what nobody who keeps to the task can avoid: istioctl's own calls, the gateway, of each wave the slowest
rollout or all of them through the cap, the bakes, the soak. All else is overhead. The scripts keep to less of the task: the
serial one bakes once and sleeps a minute after each namespace; the parallel one has no cap, no gate, no waves and no way back.

${table(
  ['namespaces', 'pods', 'who', 'time', 'of it bake and soak', 'critical path', 'ratio', 'at one time'],
  runs.map((run) => [
    run.namespaces,
    run.pods,
    run.contender,
    clock(run.wallMs),
    run.contender === 'ours' ? clock(patienceOf(run)) : '',
    run.contender === 'ours' ? clock(run.criticalPath.totalMs) : '',
    run.contender === 'ours' ? overheadOf(run).toFixed(3) : '',
    `${run.rolloutsAtOnce} rollouts`,
  ]),
)}

## Requests to the API server
A workload costs one write. Lists and watches, access reviews, dry runs and the readings before the removal are a fixed price for
the run, whatever its size. The journal, the lock and what goes through to Prometheus are not counted in the sum.

${table(
  [
    'namespaces',
    'who',
    'workloads',
    'requests a workload',
    'of it writes',
    'journal',
    'lock',
    'Prometheus',
    'received',
  ],
  runs.map((run) => [
    run.namespaces,
    run.contender,
    run.workloads,
    requestsPerWorkload(run).toFixed(2),
    ((run.requests['workloads patch'] ?? 0) / run.workloads).toFixed(2),
    countOf(run.requests, (purpose) => purpose === 'journal'),
    countOf(run.requests, (purpose) => purpose === 'lock'),
    countOf(run.requests, (purpose) => purpose === 'prometheus'),
    `${(run.bytesReceived / mib).toFixed(1)} MiB`,
  ]),
)}

## What a rehearsal costs this machine
Simulator and product in one process, from the finished mesh to the end of the upgrade.

${table(
  ['namespaces', 'pods', 'to build the mesh', 'to upgrade it', 'peak memory'],
  ours.map((run) => [
    run.namespaces,
    run.pods,
    `${(run.buildMs / 1000).toFixed(1)} s`,
    `${(run.runMs / 1000).toFixed(1)} s`,
    `${Math.round(run.peakBytes / mib)} MiB`,
  ]),
)}

## Memory of the product alone
Its view of a mesh, bundled as it is shipped, in a process of its own, against an HTTP server that sends objects as big as real
ones: after the lists, after every pod was replaced before its eyes, and at rest. The gate's answers are not in it.

${table(
  ['pods', 'when', 'heap used', 'RSS', 'peak RSS'],
  weights.map(({ pods, what, heapUsed, rss, peakRss }) => [
    pods,
    what,
    ...[heapUsed, rss, peakRss].map((bytes) => `${Math.round(bytes / mib)} MiB`),
  ]),
)}

## Figures to reach
${figures({ machine, runs, weights })
  .map(({ what, limit, is, reached }) => `- ${reached ? 'Reached' : '**Missed**'}: ${what}: ${is}, to reach: ${limit}.`)
  .join('\n')}
`;
}

interface Figure {
  what: string;
  limit: string;
  is: string;
  reached: boolean;
}

/** Every figure that was measured, and by how much it is missed. */
export function figures({ runs, weights }: Results): readonly Figure[] {
  const ours = runs.filter(({ contender }) => contender === 'ours');
  const each = (value: (run: Measured) => number, digits: number) =>
    ours.map((run) => `${value(run).toFixed(digits)} at ${run.namespaces}`).join(', ');
  const serial = runs.find(({ contender, namespaces }) => contender === 'serial' && namespaces === 100);
  const hundred = ours.find(({ namespaces }) => namespaces === 100);
  const rest = weights.findLast(({ what }) => what === 'at rest');
  const found: Figure[] = [
    {
      what: 'time over critical path',
      limit: `at most ${limits.overhead} at every size`,
      is: each(overheadOf, 3),
      reached: ours.every((run) => overheadOf(run) <= limits.overhead),
    },
    {
      what: 'API requests a workload',
      limit: `at most ${limits.requestsPerWorkload} at every size`,
      is: each(requestsPerWorkload, 2),
      reached: ours.every((run) => requestsPerWorkload(run) <= limits.requestsPerWorkload),
    },
  ];
  if (serial !== undefined && hundred !== undefined) {
    const times = serial.wallMs / hundred.wallMs;
    found.push({
      what: 'times as fast as the serial script at 100 namespaces',
      limit: `at least ${limits.timesSerial}`,
      is: `${times.toFixed(1)} (${clock(hundred.wallMs)}, of which ${clock(patienceOf(hundred))} are bake and soak, against ${clock(serial.wallMs)})`,
      reached: times >= limits.timesSerial,
    });
  }
  const thousand = ours.find(({ namespaces }) => namespaces === 1000);
  if (thousand !== undefined) {
    const { buildMs, runMs, peakBytes } = thousand;
    const seconds = (buildMs + runMs) / 1000;
    found.push({
      what: 'a rehearsal of 1,000 namespaces and 10,000 pods on this machine',
      limit: `at most ${limits.rehearsalSeconds} s and ${limits.rehearsalBytes / mib} MiB`,
      is: `${Math.round(seconds)} s and ${Math.round(peakBytes / mib)} MiB`,
      reached: seconds <= limits.rehearsalSeconds && peakBytes <= limits.rehearsalBytes,
    });
  }
  if (rest !== undefined) {
    found.push({
      what: `peak RSS at ${rest.pods.toLocaleString('en')} pods`,
      limit: `at most ${limits.rssBytes / mib} MiB`,
      is: `${Math.round(rest.peakRss / mib)} MiB, of which ${Math.round(rest.heapUsed / mib)} MiB are held`,
      reached: rest.peakRss <= limits.rssBytes,
    });
  }
  return found;
}

function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const rest = String(seconds % 60).padStart(2, '0');
  return minutes < 60
    ? `${minutes}:${rest}`
    : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
