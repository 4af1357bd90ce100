import { targets } from './manifests.ts';

/** PromQL: requests since the beginning, with the label `target`. Of those that failed there may be no series. */
export interface RequestQueries {
  sent: string;
  failed: string;
}

/** What was sent to a workload through the gateway since the beginning, as the sender saw it. */
export interface SeenRequests {
  target: string;
  /** A new pod of it is ready before an old one goes: none of its requests may fail. */
  surges: boolean;
  sent: number;
  failed: number;
}

export type Query = (promql: string) => Promise<ReadonlyMap<string, number>>;

/** Of some target there is no count: what was not counted has not been served. */
export class RequestsNotCounted extends Error {
  override readonly name = 'RequestsNotCounted';
}

/** @throws RequestsNotCounted */
export async function readRequests(queries: RequestQueries, query: Query): Promise<readonly SeenRequests[]> {
  const [sent, failed] = [await query(queries.sent), await query(queries.failed)];
  return targets().map(({ target, surges }) => {
    const count = sent.get(target);
    if (count === undefined) throw new RequestsNotCounted(`nothing counts the requests to ${target}`);
    return { target, surges, sent: count, failed: failed.get(target) ?? 0 };
  });
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
