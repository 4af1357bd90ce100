import { targets } from './manifests.ts';

/** What one client got from one workload since a moment, as the client wrote it down: the truth that counters are compared with. */
export interface SeenRequests {
  /** `outside` of the mesh, through the gateway; or the protocol of a client in the mesh. */
  client: string;
  /** `namespace/workload` */
  target: string;
  /** Its new pods are ready before the old ones go, and those wait before they stop: no request may fail. */
  mayNotFail: boolean;
  sent: number;
  /** Failed requests by what the client got instead of an answer. */
  failed: Readonly<Record<string, number>>;
  /** Unix seconds in which requests failed, in order. */
  failedAt: readonly number[];
  slowestMs: number;
  /** What the gateway's proxies counted of the same requests. */
  counted?: { sent: number; failed: number };
}

/** A line of the client outside: what began in one second. */
interface SecondLine {
  second: number;
  target: string;
  served: number;
  failed: Readonly<Record<string, number>>;
  slowestMs: number;
}

/** A line of fortio's access log: one request. `timestamp` in nanoseconds, `latency` in seconds. */
interface AccessLine {
  timestamp: number;
  latency: number;
  ok: boolean;
  details: string;
}

const ECHO = 'baz/echo';
/** fortio holds its TCP connections for ever, and those of a pod end with it. */
const MAY_FAIL: readonly string[] = ['tcp'];
const meshClients = ['http1', 'http2', 'grpc', 'tcp'] as const;

export const failuresOf = ({ failed }: SeenRequests): number =>
  Object.values(failed).reduce((sum, count) => sum + count, 0);

/** Requests whose connection was never established: no proxy has seen them. */
export const neverConnected = ({ failed }: SeenRequests): number =>
  Object.entries(failed).reduce((sum, [how, count]) => sum + (how.startsWith(NOT_CONNECTED) ? count : 0), 0);

/** How load.mjs begins such a failure. */
const NOT_CONNECTED = 'not connected: ';

/** @returns each client and target that must have been called, none of which was called yet */
export function noRequests(): readonly SeenRequests[] {
  const none = { sent: 0, failed: {}, failedAt: [], slowestMs: 0 };
  return [
    ...targets().map(({ target, surges }) => ({ client: 'outside', target, mayNotFail: surges, ...none })),
    ...meshClients.map((client) => ({ client, target: ECHO, mayNotFail: !MAY_FAIL.includes(client), ...none })),
  ];
}

/**
 * Sums up the files of all clients.
 * @param text lines of `NAME LINE`, where NAME is the file without its ending
 * @param window Unix milliseconds: which requests count, by when they began
 */
export function sumRequests(
  text: string,
  { since, until = Number.POSITIVE_INFINITY }: { since: number; until?: number },
): readonly SeenRequests[] {
  const sums = new Map(noRequests().map((each) => [`${each.client} ${each.target}`, each]));
  for (const row of text.split('\n').flatMap(parseLine)) {
    if (row.second * 1000 < since || row.second * 1000 >= until) continue;
    const key = `${row.client} ${row.target}`;
    const sum = sums.get(key);
    if (sum === undefined) throw new Error(`${key} is called, and not expected`);
    sums.set(key, added(sum, row));
  }
  return [...sums.values()];
}

/** @returns the last second of which everything is known that the client outside got, Unix seconds; 0 when it has written nothing */
export const writtenUntil = (text: string): number =>
  text
    .split('\n')
    .flatMap(parseLine)
    .reduce((last, { client, second }) => (client === 'outside' ? Math.max(last, second) : last), 0);

type Row = SecondLine & { client: string };

function added(sum: SeenRequests, { second, served, failed, slowestMs }: Row): SeenRequests {
  const failures = Object.entries(failed);
  const all: Record<string, number> = { ...sum.failed };
  for (const [how, count] of failures) all[how] = (all[how] ?? 0) + count;
  return {
    ...sum,
    sent: sum.sent + served + failures.reduce((total, [, count]) => total + count, 0),
    failed: all,
    failedAt: failures.length === 0 || sum.failedAt.at(-1) === second ? sum.failedAt : [...sum.failedAt, second],
    slowestMs: Math.max(sum.slowestMs, slowestMs),
  };
}

/** The last line of a file may still be written. */
function parseLine(line: string): readonly Row[] {
  const [, file = '', json] = /^(\S+) (\{.*\})$/.exec(line) ?? [];
  if (json === undefined) return [];
  const client = file.split('-')[0] ?? '';
  if (client === 'outside') return [{ ...(JSON.parse(json) as SecondLine), client }];
  const [request] = parseAccessLine(json);
  if (request === undefined) return [];
  const { at, failure, latencyMs } = request;
  const failed = failure === undefined ? {} : { [failure]: 1 };
  const served = failure === undefined ? 1 : 0;
  return [{ client, target: ECHO, second: Math.floor(at / 1000), served, failed, slowestMs: latencyMs }];
}

/** One request of fortio. */
export interface Request {
  /** Unix milliseconds when it began. */
  at: number;
  latencyMs: number;
  /** What the client got instead of an answer; undefined when it was served. */
  failure: string | undefined;
}

/** @returns nothing for a line that is still being written */
export function parseAccessLine(line: string): readonly Request[] {
  if (!/^\{.*\}$/.test(line)) return [];
  const { timestamp, latency, ok, details } = JSON.parse(line) as AccessLine;
  const failure = ok ? undefined : shortReason(details);
  return [{ at: timestamp / 1e6, latencyMs: Math.round(latency * 1000), failure }];
}

/** fortio gives a status, or the sentence of an error with addresses in it. */
function shortReason(details: string): string {
  if (/^-?\d+$/.test(details)) return details === '-1' ? 'no answer' : `HTTP ${details}`;
  const [, code] = /code = (\w+)/.exec(details) ?? [];
  return code ?? details.replace(/[\d.]+:\d+(->[\d.]+:\d+)?/g, 'ADDRESS').slice(0, 60);
}

interface Answer {
  status: string;
  data: { result: readonly { metric: Readonly<Record<string, string>>; value: readonly [number, string] }[] };
}

/** Values by label `target`, out of an answer of Prometheus. */
export function valuesByTarget(text: string): ReadonlyMap<string, number> {
  const { status, data } = JSON.parse(text) as Answer;
  if (status !== 'success') throw new Error(`Prometheus answered ${text.slice(0, 500)}`);
  return new Map(data.result.map(({ metric, value }) => [metric['target'] ?? '', Number(value[1])]));
}

/** The answers that a client outside gets for a failure, as the gateway counts them. */
const FAILED = 'response_code=~"[45]..|0"';

/** PromQL: what the gateways counted of requests to a workload until `at`, Unix seconds, with the label `target`. */
export function countedUntil(at: number, onlyFailed: boolean): string {
  const labels = `reporter="source",source_workload="istio-ingressgateway"${onlyFailed ? `,${FAILED}` : ''}`;
  // The highest value of a counter outlives its pod.
  const series = `max_over_time(istio_requests_total{${labels}}[6h] @ ${at.toFixed(0)})`;
  // By the host, since the workload is unknown where no server could be chosen. Each service has the name of its workload.
  const target = '"target", "$2/$1", "destination_service", "([^.]+)[.]([^.]+)[.]svc[.].+"';
  return `sum by (target) (label_replace(${series}, ${target}))`;
}

/** Adds what Prometheus counted to what the client outside got. */
export function withCounts(
  requests: readonly SeenRequests[],
  counted: { sent: ReadonlyMap<string, number>; failed: ReadonlyMap<string, number> },
): readonly SeenRequests[] {
  return requests.map((each) =>
    each.client === 'outside'
      ? { ...each, counted: { sent: counted.sent.get(each.target) ?? 0, failed: counted.failed.get(each.target) ?? 0 } }
      : each,
  );
}
