import { messageOf, UpgradeError } from '../model/upgrade-error.ts';
import { Services } from '../ports/kinds.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { Service } from '../ports/objects.ts';
import type { Metrics } from '../ports/prometheus.ts';

/** A Service that looks like a Prometheus, and what it answered. */
export interface PrometheusFound {
  /** As the config has it. */
  url: string;
  /** How many series of Istio's requests it has; `undefined` if it did not answer. */
  series: number | undefined;
  /** Why it did not answer. */
  why?: string;
}

/** A mesh may have many; the likeliest are asked. */
const probedMax = 8;

/** Those that speak PromQL, likeliest first, with the path below which they do. */
const kinds: readonly { name: RegExp; ports: readonly number[]; path?: string }[] = [
  { name: /^(?!.*thanos).*prometheus/, ports: [9090, 80] },
  { name: /thanos.*quer/, ports: [9090, 10902, 80] },
  { name: /vmsingle|victoria-?metrics.*single/, ports: [8428, 8429] },
  { name: /vmselect/, ports: [8481], path: '/select/0/prometheus' },
  { name: /mimir.*(?:quer|gateway|nginx)/, ports: [80, 8080], path: '/prometheus' },
];

/** Names of what stands beside a Prometheus and is none. */
const companions =
  /operator|alertmanager|exporter|state-metrics|pushgateway|adapter|grafana|webhook|sidecar|blackbox|kubelet|coredns|kube-(?:api|etcd|proxy|scheduler|controller)|ruler|store|discovery/;

/**
 * Services that look like a Prometheus, probed through the API server, best first: those with Istio's metrics.
 * @param open makes the port over one, by its URL
 */
export async function findPrometheus(
  cluster: Pick<Cluster, 'list'>,
  open: (url: string) => Metrics,
): Promise<readonly PrometheusFound[]> {
  const services = await cluster.list<Service>(Services);
  const urls = services
    .flatMap((service) => likenessOf(service) ?? [])
    .sort((a, b) => a.rank - b.rank || (a.url < b.url ? -1 : 1))
    .slice(0, probedMax)
    .map(({ url }) => url);
  const probed = await Promise.all(urls.map((url) => probe(url, open(url))));
  const order = ({ series }: PrometheusFound) => (series === undefined ? 2 : series === 0 ? 1 : 0);
  return probed.toSorted((a, b) => order(a) - order(b));
}

/** Asks for the number of series of Istio's requests. */
export async function probe(url: string, metrics: Metrics): Promise<PrometheusFound> {
  try {
    const { series } = await metrics.query('count(istio_requests_total)');
    return { url, series: series[0]?.value ?? 0 };
  } catch (failure) {
    if (failure instanceof UpgradeError) return { url, series: undefined, why: messageOf(failure) };
    throw failure;
  }
}

function likenessOf({ metadata, spec }: Service): { url: string; rank: number } | undefined {
  const { name, namespace = '', labels = {} } = metadata;
  const names = [name, labels['app.kubernetes.io/name'] ?? '', labels['app'] ?? ''];
  if (companions.test(name)) return undefined;
  const index = kinds.findIndex(({ name: pattern }) => names.some((each) => pattern.test(each)));
  const kind = kinds[index];
  const ports = (spec?.ports ?? []).map(({ port }) => port);
  const port = kind?.ports.find((each) => ports.includes(each));
  if (kind === undefined || port === undefined) return undefined;
  // The same servers stand behind a headless Service; the other is the one that people name.
  const rank = 2 * index + (spec?.clusterIP === 'None' ? 1 : 0);
  return { url: `kubernetes://${namespace}/${name}:${port}${kind.path ?? ''}`, rank };
}
