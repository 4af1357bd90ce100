import type { Life } from './lives.ts';
import type { Reporter } from './requests.ts';
import type { Labels } from './sample-store.ts';
import type { Traffic } from './traffic.ts';

export type Peer = Pick<Life, 'namespace' | 'workload'>;

/** A workload's proxy reports what it serves and what it asks for; a gateway only the latter. */
export const reportersOf = ({ isGateway }: Life): readonly Reporter[] =>
  isGateway ? ['source'] : ['source', 'destination'];

/** The workloads at the other end. A workload calls itself, which makes each both caller and server of what it sends. */
export function peersOf({ behindGateways }: Traffic, life: Life, reporter: Reporter): readonly Peer[] {
  const { namespace, workload, isGateway } = life;
  if (isGateway && behindGateways.length > 0) return behindGateways;
  return [{ namespace, workload: reporter === 'source' ? workload : 'client' }];
}

/** Who sent something to whom, and how it ended. By istio/proxy, source/extensions/filters/http/istio_stats/istio_stats.cc. */
export function peerLabels(
  life: Life,
  reporter: Reporter,
  peer: Peer,
  { flags, hasServer }: { flags: string; hasServer: boolean },
): Labels {
  const [source, destination] = reporter === 'source' ? [life, peer] : [peer, life];
  const known = (value: string) => (hasServer ? value : 'unknown');
  return {
    reporter,
    source_workload: source.workload,
    source_workload_namespace: source.namespace,
    destination_workload: known(destination.workload),
    destination_workload_namespace: known(destination.namespace),
    ...serviceOf(flags, destination, life.isGateway),
    destination_service_namespace: known(destination.namespace),
    destination_canonical_service: known(destination.workload),
    destination_canonical_revision: 'latest',
    response_flags: flags,
    connection_security_policy: reporter === 'destination' ? 'mutual_tls' : 'unknown',
  };
}

/**
 * Without a route or a cluster nothing names the service. Of a request, a sidecar then gives the host that was asked for, and a gateway
 * nothing; a connection has no host.
 */
function serviceOf(flags: string, { workload, namespace }: Peer, isGateway: boolean): Labels {
  const host = `${workload}.${namespace}.svc.cluster.local`;
  const all = flags.split(',');
  if (all.includes('NC')) return { destination_service: 'unknown', destination_service_name: 'unknown' };
  if (!all.includes('NR')) return { destination_service: host, destination_service_name: workload };
  const asked = isGateway ? 'unknown' : host;
  return { destination_service: asked, destination_service_name: asked };
}
