/** How to reach Prometheus. Files and environment variables are read before this. */
export interface PrometheusAccess {
  /** `https://host/prefix`, or `kubernetes://NAMESPACE/SERVICE:PORT[/prefix][?scheme=https]` through the API server's service proxy. */
  url: string;
  bearerToken?: string;
  basicAuth?: { username: string; password: string };
  /** For example `X-Scope-OrgID`. */
  headers?: Record<string, string>;
  /** PEM text, as `cert` and `key`. */
  ca?: string;
  cert?: string;
  key?: string;
  insecureSkipVerify?: boolean;
  /** For one attempt at a query. */
  timeoutMs: number;
}
