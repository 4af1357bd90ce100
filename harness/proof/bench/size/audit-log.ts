import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type RequestCounts, requestKey } from '../counting-connection.ts';

/** The fields that are read of a line of the API server's audit log at level Metadata. */
export interface AuditEvent {
  auditID: string;
  verb: string;
  requestURI: string;
  user: { username: string };
  userAgent?: string;
  requestReceivedTimestamp: string;
}

/** From and to in Unix milliseconds. */
export interface Period {
  from: number;
  to: number;
}

/** The requests of a period. */
export interface AuditedRequests {
  /** Of the engine, by purpose and verb, as the simulator counts them. */
  engine: RequestCounts;
  /** Of the istioctl processes that the engine started, by verb. */
  istioctl: RequestCounts;
  /** Of every other client, by the program that its user agent names. */
  others: Record<string, number>;
}

const engineAgent = 'istio-canary-upgrade';

/** Counts requests by period: of one user, and of all others. */
export class AuditCounter {
  readonly #user: string;
  readonly #counts: readonly { period: Period; requests: AuditedRequests }[];
  readonly #seen = new Set<string>();

  constructor(user: string, periods: readonly Period[]) {
    this.#user = user;
    this.#counts = periods.map((period) => ({ period, requests: { engine: {}, istioctl: {}, others: {} } }));
  }

  /** One request that lasts, such as a watch, has a line for its start and one for its end; it counts once. */
  add({ auditID, verb, requestURI, user, userAgent = '', requestReceivedTimestamp }: AuditEvent): void {
    const at = Date.parse(requestReceivedTimestamp);
    const found = this.#counts.find(({ period }) => period.from <= at && at < period.to);
    if (found === undefined || this.#seen.has(auditID)) return;
    this.#seen.add(auditID);
    const { engine, istioctl, others } = found.requests;
    const exactVerb = verb === 'create' && requestURI.includes('dryRun=All') ? 'dry-run create' : verb;
    if (user.username !== this.#user) countOne(others, programOf(userAgent));
    else if (userAgent.startsWith(engineAgent)) countOne(engine, requestKey(requestURI, exactVerb));
    else countOne(istioctl, exactVerb);
  }

  /** In the order of the periods. */
  requests(): readonly AuditedRequests[] {
    return this.#counts.map(({ requests }) => requests);
  }
}

/** Reads a whole log, line by line. */
export async function readAuditLog(file: string, counter: AuditCounter): Promise<readonly AuditedRequests[]> {
  // The last line may be half written.
  for await (const line of createInterface({ input: createReadStream(file) }))
    if (line.endsWith('}')) counter.add(JSON.parse(line) as AuditEvent);
  return counter.requests();
}

/** `kube-controller-manager/v1.36.3 (linux/amd64) ...` */
const programOf = (userAgent: string): string => /^[^/\s]+/.exec(userAgent)?.[0] ?? 'without a name';

function countOne(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
