import { type DurationPart, durationSeries } from './duration-histogram.ts';
import type { Series } from './exported-series.ts';
import type { Life } from './lives.ts';
import { countUntil, type Reporter, type RequestKind, type Requests } from './requests.ts';
import type { Labels } from './sample-store.ts';
import type { Traffic } from './traffic.ts';

/** A part of the requests that a proxy counts, with the labels of its series. */
interface Labelled {
  labels: Labels;
  requests: Requests;
  share: number;
}

/** `istio_requests_total` of a proxy. */
export function requestCounters(traffic: Traffic, life: Life): Series[] {
  return labelled(traffic, life).map(({ labels, requests: { parts }, share }) => ({
    labels,
    valueAt: (at) => Math.floor(share * countUntil(parts, at)) || undefined,
  }));
}

/** `istio_request_duration_milliseconds` of a proxy. */
export function requestDurations(part: DurationPart, traffic: Traffic, life: Life): Series[] {
  return labelled(traffic, life).flatMap(({ labels, requests, share }) =>
    durationSeries(part, labels, requests, share),
  );
}

function labelled(traffic: Traffic, life: Life): Labelled[] {
  return reportersOf(life).flatMap((reporter) =>
    traffic.requestsOf(life, reporter).flatMap((requests) => {
      const peers = peersOf(traffic, life, reporter);
      return peers.map((peer) => ({
        labels: labelsOf(life, reporter, peer, requests),
        requests,
        share: 1 / peers.length,
      }));
    }),
  );
}

/** A workload's proxy reports what it serves and what it asks for; a gateway only the latter. */
const reportersOf = ({ isGateway }: Life): readonly Reporter[] => (isGateway ? ['source'] : ['source', 'destination']);

type Peer = Pick<Life, 'namespace' | 'workload'>;

/** The workloads at the other end. A workload calls itself, which makes each both caller and server of its requests. */
function peersOf({ behindGateways }: Traffic, life: Life, reporter: Reporter): readonly Peer[] {
  const { namespace, workload, isGateway } = life;
  if (isGateway && behindGateways.length > 0) return behindGateways;
  return [{ namespace, workload: reporter === 'source' ? workload : 'client' }];
}

/** By istio/proxy, source/extensions/filters/http/istio_stats/istio_stats.cc. */
function labelsOf(life: Life, reporter: Reporter, peer: Peer, kind: RequestKind): Labels {
  const [source, destination] = reporter === 'source' ? [life, peer] : [peer, life];
  const { responseCode, grpcStatus, flags, hasServer } = kind;
  const service = `${destination.workload}.${destination.namespace}.svc.cluster.local`;
  return {
    reporter,
    source_workload: source.workload,
    source_workload_namespace: source.namespace,
    destination_workload: hasServer ? destination.workload : 'unknown',
    destination_workload_namespace: hasServer ? destination.namespace : 'unknown',
    ...serviceOf(kind, destination, service, life.isGateway),
    destination_service_namespace: hasServer ? destination.namespace : 'unknown',
    destination_canonical_service: hasServer ? destination.workload : 'unknown',
    destination_canonical_revision: 'latest',
    response_flags: flags,
    response_code: responseCode,
    request_protocol: grpcStatus === undefined ? 'http' : 'grpc',
    ...(grpcStatus === undefined ? {} : { grpc_response_status: grpcStatus }),
    connection_security_policy: reporter === 'destination' ? 'mutual_tls' : 'unknown',
  };
}

/** Without a route there is no cluster to name the service: a sidecar then gives the host that was asked for, a gateway nothing. */
function serviceOf({ flags }: RequestKind, { workload }: Peer, host: string, isGateway: boolean): Labels {
  if (!flags.split(',').includes('NR')) return { destination_service: host, destination_service_name: workload };
  const asked = isGateway ? 'unknown' : host;
  return { destination_service: asked, destination_service_name: asked };
}
