import { type DurationPart, durationSeries } from './duration-histogram.ts';
import type { Series } from './exported-series.ts';
import type { Life } from './lives.ts';
import { type Peer, peerLabels, peersOf, reportersOf } from './peers.ts';
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

function labelsOf(life: Life, reporter: Reporter, peer: Peer, kind: RequestKind): Labels {
  const { responseCode, grpcStatus } = kind;
  return {
    ...peerLabels(life, reporter, peer, kind),
    response_code: responseCode,
    request_protocol: grpcStatus === undefined ? 'http' : 'grpc',
    ...(grpcStatus === undefined ? {} : { grpc_response_status: grpcStatus }),
  };
}
