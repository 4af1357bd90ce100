/** One request to a Prometheus API, by whichever way. Rejects with the network's or the cluster's own error. */
export interface PrometheusTransport {
  /** For messages; without credentials. */
  readonly url: string;
  ask(endpoint: Endpoint, form: URLSearchParams, timeoutMs: number): Promise<RawAnswer>;
}

/** Below `/api/v1/`. */
export type Endpoint = 'query' | 'query_range';

export interface RawAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
}
