import type { RequestCounts } from '../counting-connection.ts';
import { requestsPerWorkload, requestsTo } from '../figures.ts';
import { type Column, table } from '../markdown-tables.ts';
import type { Measured, Results } from '../results.ts';
import { clockTime, mebibytes } from '../units.ts';
import type { LabMeasurement, MeasuredLook } from './measure-size.ts';

type Size = NonNullable<Results['size']>;

/** A figure of both, or of the lab alone. */
interface Row {
  figure: string;
  lab: string | number;
  simulator: string | number;
}

/** The tables of the chapter on a big mesh. */
export function sizeTables({ machine, lab, simulator }: Size): Readonly<Record<string, string>> {
  return {
    'size-machine': `Measured on ${machine}.`,
    size: table(sideBySide, rowsOf(lab, simulator)),
    'size-load': table(loadColumns, loadsOf(lab)),
    'size-looks': table(lookColumns, lab.looks),
  };
}

const sideBySide: readonly Column<Row>[] = [
  ['figure', ({ figure }) => figure],
  ['API server of the lab', ({ lab }) => lab],
  ['simulator', ({ simulator }) => simulator],
];

function rowsOf(lab: LabMeasurement, simulator: Measured): readonly Row[] {
  const both = (figure: string, of: (run: LabMeasurement | Measured) => string | number): Row => ({
    figure,
    lab: of(lab),
    simulator: of(simulator),
  });
  const onlyLab = (figure: string, value: string | number): Row => ({ figure, lab: value, simulator: '' });
  const verbs = [...new Set([...Object.keys(lab.requests), ...Object.keys(simulator.requests)].map(verbOf))].sort();
  return [
    both('namespaces', ({ namespaces }) => namespaces),
    both('workloads restarted', ({ workloads }) => workloads),
    both('pods', ({ pods }) => pods),
    both('end', ({ end }) => end),
    both('time', ({ wallMs }) => clockTime(wallMs)),
    both('critical path', ({ criticalPath }) => clockTime(criticalPath.totalMs)),
    both('- install and tag', ({ criticalPath }) => clockTime(criticalPath.controlPlaneMs)),
    both('- gateway', ({ criticalPath }) => clockTime(criticalPath.gatewaysMs)),
    both('- rollouts of the waves', ({ criticalPath }) => clockTime(criticalPath.rolloutsMs)),
    both('- bakes and soak', ({ criticalPath: { bakesMs, soakMs } }) => clockTime(bakesMs + soakMs)),
    both('- removal', ({ criticalPath }) => clockTime(criticalPath.removalMs)),
    both('everything else', ({ wallMs, criticalPath }) => clockTime(wallMs - criticalPath.totalMs)),
    both('time over critical path', ({ wallMs, criticalPath }) => (wallMs / criticalPath.totalMs).toFixed(3)),
    both('rollouts at once, at most', ({ rolloutsAtOnce }) => rolloutsAtOnce),
    both('requests per workload, without journal, lock and Prometheus', (run) => requestsPerWorkload(run).toFixed(2)),
    onlyLab('requests per workload while restarting, without Prometheus', lab.requestsPerRestart ?? ''),
    ...verbs.map((verb) => both(`requests: ${verb}`, ({ requests }) => ofVerb(requests, verb))),
    both('- of these for Prometheus', ({ requests }) => requestsTo(requests, (purpose) => purpose === 'prometheus')),
    both('- of these for journal and lock', ({ requests }) =>
      requestsTo(requests, (purpose) => purpose === 'journal' || purpose === 'lock'),
    ),
    both('sent', ({ bytesSent }) => mebibytes(bytesSent, 1)),
    both('received', ({ bytesReceived }) => mebibytes(bytesReceived, 1)),
    onlyLab('requests of istioctl', sum(lab.istioctlRequests)),
    onlyLab('received by istioctl', mebibytes(lab.istioctlBytesReceived, 1)),
    onlyLab('peak memory', mebibytes(lab.peakRss)),
    onlyLab('processor time', seconds(lab.cpuSeconds)),
    onlyLab('processor time of istioctl', seconds(lab.istioctlCpuSeconds)),
  ];
}

interface LoadRow {
  program: string;
  requests: number | '';
  share: string;
  cpuSeconds: number | undefined;
  peakRss: number | undefined;
}

/** Who asked the API server, and what each program cost. The supervisor of the lab is a Node process. */
function loadsOf({
  requests,
  istioctlRequests,
  otherRequests,
  loads,
  cpuSeconds,
  istioctlCpuSeconds,
  peakRss,
}: LabMeasurement): readonly LoadRow[] {
  const ours = [
    { program: 'istio-canary-upgrade', requests: sum(requests), cpuSeconds, peakRss },
    {
      program: 'istioctl, as it runs it',
      requests: sum(istioctlRequests),
      cpuSeconds: istioctlCpuSeconds,
      peakRss: undefined,
    },
  ];
  const names: Readonly<Record<string, string>> = { server: 'etcd', node: nodeName };
  // What holds the namespaces of the lab does nothing.
  const programs = loads
    .filter(({ cpuSeconds: spent }) => spent >= 0.1)
    .map((load) => ({ ...load, program: names[load.program] ?? load.program }));
  const total = sum(otherRequests) + sum(requests) + sum(istioctlRequests);
  const { [unnamed]: byLab = 0, ...named } = otherRequests;
  const asked: Readonly<Record<string, number>> = { ...named, [nodeName]: byLab };
  const known = new Set(programs.map(({ program }) => program));
  return [
    ...ours,
    ...programs.map(({ program, ...load }) => ({ ...load, program, requests: asked[program] })),
    // Both releases of istiod call themselves pilot-discovery.
    ...Object.entries(asked)
      .filter(([program]) => !known.has(program))
      .map(([program, count]) => ({ program, requests: count, cpuSeconds: undefined, peakRss: undefined })),
  ].map((row) => ({
    ...row,
    requests: row.requests ?? '',
    share: row.requests === undefined ? '' : `${((100 * row.requests) / total).toFixed(1)} %`,
  }));
}

/** The harness sends no user agent. */
const unnamed = 'without a name';
const nodeName = 'the lab: proxies, traffic, metrics';

const loadColumns: readonly Column<LoadRow>[] = [
  ['program', ({ program }) => program],
  ['requests', ({ requests }) => requests],
  ['share of all requests', ({ share }) => share],
  ['processor time', ({ cpuSeconds }) => (cpuSeconds === undefined ? '' : seconds(cpuSeconds))],
  ['peak memory', ({ peakRss }) => (peakRss === undefined ? '' : mebibytes(peakRss))],
];

const lookColumns: readonly Column<MeasuredLook>[] = [
  ['command', ({ verb }) => `\`${verb}\``],
  ['time', ({ wallMs }) => seconds(wallMs / 1000)],
  ['requests', ({ requests }) => requests],
  ['requests of istioctl', ({ istioctlRequests }) => istioctlRequests],
  ['received', ({ bytesReceived }) => mebibytes(bytesReceived, 1)],
  ['peak memory', ({ peakRss }) => mebibytes(peakRss)],
  ['processor time', ({ cpuSeconds }) => seconds(cpuSeconds)],
];

const seconds = (value: number): string => `${value.toFixed(1)} s`;
const verbOf = (key: string): string =>
  key.endsWith('dry-run create') ? 'dry-run create' : (key.split(' ').at(-1) ?? '');
const ofVerb = (requests: RequestCounts, verb: string): number =>
  sum(Object.fromEntries(Object.entries(requests).filter(([key]) => verbOf(key) === verb)));
const sum = (counts: RequestCounts): number => Object.values(counts).reduce((total, count) => total + count, 0);
