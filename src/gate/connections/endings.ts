interface Row {
  is: 'failed' | 'ended';
  flags: readonly string[];
  why: string;
}

const envoyFlags =
  'https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#response-flags';
const tcpProxy = 'https://github.com/envoyproxy/envoy/blob/main/source/common/tcp_proxy/tcp_proxy.cc';

/**
 * Which TCP connection has failed. The first row that fits counts; what no row names was served, for example `-`. A connection gets its
 * flags once, for all its metrics: when it ends, or after five seconds, when it is certain that it was opened. So those that are opened say
 * all that is known of failures, and those that are closed the same again.
 * @see https://github.com/istio/proxy/blob/release-1.24/source/extensions/filters/http/istio_stats/istio_stats.cc, reportHelper
 */
export const rows: readonly Row[] = [
  {
    is: 'failed',
    flags: ['UF', 'URX'],
    why: `The server did not take it, or the TLS handshake failed; URX after the last attempt. ${tcpProxy}`,
  },
  { is: 'failed', flags: ['UH'], why: `No healthy host, or none at all. ${tcpProxy}` },
  { is: 'failed', flags: ['NC'], why: `The configuration has no such cluster. ${tcpProxy}` },
  { is: 'failed', flags: ['UO'], why: `More connections than the circuit breaker allows. ${tcpProxy}` },
  { is: 'failed', flags: ['NR'], why: `No filter chain or route for it. ${envoyFlags}` },
  {
    is: 'failed',
    flags: ['UAEX'],
    why: 'The external authorization refused it. https://github.com/envoyproxy/envoy/blob/main/source/extensions/filters/network/ext_authz/ext_authz.cc',
  },
  { is: 'ended', flags: ['DT'], why: `Its longest duration was over. ${envoyFlags}` },
  { is: 'ended', flags: ['DC'], why: `The caller hung up. ${envoyFlags}` },
];

/** Whether a series of `istio_tcp_connections_opened_total` counts failed connections. */
export function isFailed(labels: Readonly<Record<string, string>>): boolean {
  const flags = (labels['response_flags'] ?? '').split(',');
  return rows.find((row) => row.flags.some((flag) => flags.includes(flag)))?.is === 'failed';
}
