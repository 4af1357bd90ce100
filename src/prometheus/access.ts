/**
 * How to reach Prometheus. What may be rotated while a run lasts is a function: it is asked before every request.
 * Such a function throws an UpgradeError if its file cannot be read any more.
 */
export interface PrometheusAccess {
  /** `https://host/prefix`, or `kubernetes://NAMESPACE/SERVICE:PORT[/prefix][?scheme=https]` through the API server's service proxy. */
  url: string;
  bearerToken?: () => string;
  basicAuth?: { username: string; password: () => string };
  /** Requests are signed, as Amazon Managed Prometheus wants it. */
  sigv4?: { region: string; service: string; credentials: () => AwsCredentials };
  /** For example `X-Scope-OrgID`. */
  headers?: Record<string, string>;
  /** PEM text, as `cert` and `key`. */
  ca?: () => string;
  cert?: () => string;
  key?: () => string;
  insecureSkipVerify?: boolean;
  /** For one attempt at a query. */
  timeoutMs: number;
}

export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  /** Of temporary credentials. */
  sessionToken?: string;
}
