import type { RequestCounts } from './counting-connection.ts';
import { type Figure, figuresOf, overheadOf, requestsPerWorkload, requestsTo } from './figures.ts';
import type { LookCost } from './looks/measure-looks.ts';
import { type Cell, type Column, table } from './markdown-tables.ts';
import type { Measured, Results } from './results.ts';
import { sizeTables } from './size/size-tables.ts';
import { clockTime, mebibytes } from './units.ts';

/** The tables of docs/performance.md by the name of their place in it, as Markdown. */
export function performanceTables(results: Results): Readonly<Record<string, string>> {
  const ours = results.runs.filter(isOurs);
  return {
    machine: `Measured on ${results.machine}.`,
    time: table(timeColumns, results.runs),
    requests: table(requestColumns, results.runs),
    rehearsal: table(rehearsalColumns, ours),
    memory: table(memoryColumns, results.weights),
    ...(results.looks && { looks: table(lookColumns, results.looks.costs) }),
    figures: table(figureColumns, figuresOf(results)),
    ...(results.size && sizeTables(results.size)),
  };
}

const isOurs = ({ contender }: Measured): boolean => contender === 'ours';
const onlyOurs = (cell: (run: Measured) => Cell) => (run: Measured) => (isOurs(run) ? cell(run) : '');
const counted = (purpose: string) => (run: { requests: RequestCounts }) =>
  requestsTo(run.requests, (each) => each === purpose);

const timeColumns: readonly Column<Measured>[] = [
  ['namespaces', ({ namespaces }) => namespaces],
  ['pods', ({ pods }) => pods],
  ['contender', ({ contender }) => contender],
  ['time', ({ wallMs }) => clockTime(wallMs)],
  ['bakes and soak', onlyOurs(({ criticalPath: { bakesMs, soakMs } }) => clockTime(bakesMs + soakMs))],
  ['critical path', onlyOurs(({ criticalPath }) => clockTime(criticalPath.totalMs))],
  ['ratio', onlyOurs((run) => overheadOf(run).toFixed(3))],
  ['one workload at a time', onlyOurs(({ oneAtATimeMs }) => clockTime(oneAtATimeMs))],
  ['rollouts at once', ({ rolloutsAtOnce }) => rolloutsAtOnce],
];

const requestColumns: readonly Column<Measured>[] = [
  ['namespaces', ({ namespaces }) => namespaces],
  ['contender', ({ contender }) => contender],
  ['workloads', ({ workloads }) => workloads],
  ['requests per workload', (run) => requestsPerWorkload(run).toFixed(2)],
  ['writes per workload', ({ requests, workloads }) => ((requests['workloads patch'] ?? 0) / workloads).toFixed(2)],
  ['journal', counted('journal')],
  ['lock', counted('lock')],
  ['Prometheus', counted('prometheus')],
  ['received', ({ bytesReceived }) => mebibytes(bytesReceived, 1)],
];

const rehearsalColumns: readonly Column<Measured>[] = [
  ['namespaces', ({ namespaces }) => namespaces],
  ['pods', ({ pods }) => pods],
  ['to build the mesh', ({ buildMs }) => `${(buildMs / 1000).toFixed(1)} s`],
  ['to upgrade it', ({ runMs }) => `${(runMs / 1000).toFixed(1)} s`],
  ['peak memory', ({ peakBytes }) => mebibytes(peakBytes)],
];

const memoryColumns: readonly Column<Results['weights'][number]>[] = [
  ['pods', ({ pods }) => pods],
  ['when', ({ what }) => what],
  ['heap used', ({ heapUsed }) => mebibytes(heapUsed)],
  ['RSS', ({ rss }) => mebibytes(rss)],
  ['peak RSS', ({ peakRss }) => mebibytes(peakRss)],
];

const lookColumns: readonly Column<LookCost>[] = [
  ['when', ({ what }) => what],
  ['queries', ({ queries = '' }) => queries],
  ['received', ({ bytes }) => (bytes === undefined ? '' : mebibytes(bytes, 2))],
  ['processor time', ({ cpuMs }) => milliseconds(cpuMs)],
  ['of the first look', ({ firstCpuMs }) => milliseconds(firstCpuMs)],
  ['heap used', ({ heapUsed }) => mebibytes(heapUsed)],
  ['RSS', ({ rss }) => mebibytes(rss)],
  ['peak RSS', ({ peakRss }) => mebibytes(peakRss)],
];

const milliseconds = (ms: number | undefined): string => (ms === undefined ? '' : `${Math.round(ms)} ms`);

const figureColumns: readonly Column<Figure>[] = [
  ['figure', ({ what }) => what],
  ['limit', ({ limit }) => limit],
  ['measured', ({ is }) => is],
  ['', ({ reached }) => (reached ? 'reached' : '**missed**')],
];
