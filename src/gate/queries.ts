import type { GateSettings } from '../model/gate-settings.ts';

/** The built-in questions: raw counters by pod and class, so that births, resets and revisions are ours to tell. */
export interface BuiltInQueries {
  serverSide: string;
  clientSide: string;
  outbound: string;
  freshness: string;
  xdsRejects: string;
  injectionFailures: string;
  /** When each of its pods was scraped last, Unix seconds. */
  controlPlane: string;
}

const classes = 'response_code, grpc_response_status, response_flags';

/** @param istiod the Deployment's name of the revision under test, for example `istiod-1-31-0` */
export function builtInQueries(
  namespaces: readonly string[],
  istiod: string,
  { labels }: GateSettings,
): BuiltInQueries {
  const wave = alternation(namespaces);
  const by = `${labels.namespace}, ${labels.pod}`;
  const istiodPods = `${labels.pod}=~"${istiod}-[a-z0-9]+-[a-z0-9]+"`;
  return {
    serverSide: `sum by (${by}, ${classes}) (istio_requests_total{reporter="destination", ${labels.namespace}=~"${wave}"})`,
    // What never reached the server's proxy exists only here: UF, UH, NR and failed handshakes.
    clientSide: `sum by (${by}, ${classes}) (istio_requests_total{reporter="source", destination_service_namespace=~"${wave}"})`,
    outbound: `sum by (${by}, ${classes}) (istio_requests_total{reporter="source", ${labels.namespace}=~"${wave}"})`,
    // A pod without traffic has no requests to count; `istio_build` says that it is scraped all the same.
    freshness: `max by (${by}) (timestamp({__name__=~"istio_build|istio_requests_total", ${labels.namespace}=~"${wave}"}))`,
    xdsRejects: `sum by (${labels.pod}, type) (pilot_total_xds_rejects{${istiodPods}})`,
    injectionFailures: `sum by (${labels.pod}) (sidecar_injection_failure_total{${istiodPods}})`,
    controlPlane: `max by (${labels.pod}) (timestamp(pilot_info{${istiodPods}}))`,
  };
}

/** Names as a regular expression; namespaces hold no special characters but the dash. */
export function alternation(names: readonly string[]): string {
  return names.join('|');
}
