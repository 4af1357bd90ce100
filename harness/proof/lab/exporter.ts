import { createServer, type Server } from 'node:http';
import type { DataPlane } from './data-plane.ts';

/** Where a sidecar serves Envoy's metrics. */
export const PROXY_METRICS_PORT = 15090;
export const PROXY_METRICS_PATH = '/stats/prometheus';

/** Serves the metrics of every pod at that pod's own address: all of 10/8 is this host, and the address asked for names the pod. */
export function createExporter(metricsAt: DataPlane['metricsAt']): Server {
  return createServer(async (request, response) => {
    const metrics = metricsAt(plainAddress(request.socket.localAddress ?? ''));
    if (!metrics || request.url !== PROXY_METRICS_PATH) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': metrics.contentType }).end(await metrics.render());
  });
}

/** An IPv4 address may come mapped into IPv6. */
const plainAddress = (address: string) => address.replace(/^::ffff:/, '');

/** Prometheus' HTTP discovery: one target per proxy. */
export function proxyTargets(dataPlane: Pick<DataPlane, 'proxies'>) {
  return dataPlane.proxies().map(({ ip, namespace, name }) => ({
    targets: [`${ip}:${PROXY_METRICS_PORT}`],
    labels: { namespace, pod: name },
  }));
}

/** Prometheus' HTTP discovery: one target per ready istiod. */
export function istiodTargets(dataPlane: Pick<DataPlane, 'istiods'>) {
  return dataPlane.istiods().map(({ metadata, status }) => ({
    targets: [`${status?.podIP}:15014`],
    labels: {
      namespace: metadata.namespace,
      pod: metadata.name,
      app: 'istiod',
      istio_io_rev: metadata.labels?.['istio.io/rev'] ?? '',
    },
  }));
}
